import type { AgentMessage, DispatcherMessage } from "../../core/dispatch/message.ts";
import { settingsOf } from "../../core/model/cluster.ts";
import { storeEntry } from "../../core/node/payload.ts";
import type { Entry } from "../../core/raft/message.ts";
import type { Host } from "../world/host.ts";
import type { BeatAnswer } from "../world/observer.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";

interface Heard {
  at: number;
  /** What the node was told then; or for a session since, when that is less. */
  period: number;
  /** How many heartbeats it might miss, as the cluster was set then. */
  grace: number;
  /** How long the leader that heard it had been paused by then. */
  pausedFor: number;
}

interface Beat {
  at: number;
  /** Since when the node has been silent, as far as a leader may be asked to know. */
  counts: number;
}

/** A node that beats finds at its next beat that nobody has answered: then it seeks a leader. */
const beatsToNotice = 2;
/** What an engine may have answered, or the cluster been told, since the leader decided. */
const hindsight = 60_000_000;

/**
 * A node is called down only after the leader has heard nothing from it for as many heartbeats as
 * the cluster allows, except for their jitter: a single late or lost one moves no task. A leader
 * that has yet to hear it allows for what earlier leaders told it: the node must have been able to
 * find out that it has another leader. Time in which the leader itself was stopped does not count.
 * Or the node's container engine hangs, and has for a good part of the time that it may.
 */
export class DownAfterSilence implements Checker {
  readonly name = "down-after-silence";
  readonly source = "SwarmKit dispatcher: heartbeat period 5s, grace factor 3";
  checks = 0;
  readonly #world: CheckedWorld;
  /** When each leader last heard each node, and how often it is to beat: by its number and node. */
  readonly #heard: Map<string, Heard>[];
  /** The same of any leader. One that was stopped hears late: what counts is when the node beat. */
  readonly #heardByAny = new Map<string, Heard>();
  /** In each session: a leader that was stopped answers beats of before. */
  readonly #beats = new Map<string, Beat>();
  /** How far the clock of each leader, in each term, is behind the world's: the least it was. */
  readonly #behind = new Map<string, number>();

  constructor(world: CheckedWorld) {
    this.#world = world;
    this.#heard = world.hosts.map(() => new Map());
  }

  /** A node that was stopped may beat for a leader that leads no longer: once, for nothing. */
  agentSent({ name }: Host, message: AgentMessage): void {
    if (message.kind !== "heartbeat") return;
    const { now } = this.#world.kernel;
    const before = this.#beats.get(message.session);
    if (before === undefined) {
      this.#beats.set(message.session, { at: now, counts: now });
      return;
    }
    const noticed = (this.#heardByAny.get(name)?.period ?? Infinity) * beatsToNotice;
    if (now - before.at <= noticed) before.counts = now;
    before.at = now;
  }

  /** The leader answers each heartbeat at once, so its answer tells when it heard one. */
  beatAnswered(host: Host, to: string, { period, session }: BeatAnswer): void {
    const { heartbeatGrace: grace } = settingsOf(host.node?.member?.store.cluster ?? null);
    const at = this.#world.kernel.now;
    const beatAt = this.#beats.get(session)?.counts ?? at;
    const { pausedFor } = host;
    note(this.#heardBy(host), to, { at, period, grace, pausedFor });
    note(this.#heardByAny, to, { at: beatAt, period, grace, pausedFor });
  }

  /**
   * A node that only registers is not heard of: it may be unable to hear the leader. But should it
   * use the session, then it goes by the period of that one.
   */
  dispatcherSent(leader: Host, node: string, message: DispatcherMessage): void {
    if (message.kind !== "session") return;
    for (const heard of [this.#heardBy(leader), this.#heardByAny]) {
      const last = heard.get(node);
      if (last !== undefined) last.period = Math.min(last.period, message.heartbeatPeriod);
    }
  }

  #heardBy({ number }: Host): Map<string, Heard> {
    return this.#heard[number] as Map<string, Heard>;
  }

  proposed(leader: Host, entry: Entry): void {
    const proposed = storeEntry(entry);
    if (proposed === null) return;
    const { term, time, transactions } = proposed;
    const decidedAt = this.#decidedAt(`${leader.name} ${term}`, time);
    for (const { changes } of transactions) {
      for (const change of changes) {
        if (change.kind !== "update" || change.object.kind !== "node") continue;
        if (change.object.status.state !== "down") continue;
        this.#called(leader, change.object.id, decidedAt);
      }
    }
  }

  /**
   * An entry that Raft would not take at first is proposed as it was decided. How old it is, the
   * leader's clock tells, which runs on evenly beside that of the world.
   */
  #decidedAt(leader: string, time: number): number {
    const { now } = this.#world.kernel;
    const behind = Math.min(this.#behind.get(leader) ?? Infinity, now - time);
    this.#behind.set(leader, behind);
    return time + behind;
  }

  #called(leader: Host, node: string, decidedAt: number): void {
    this.checks += 1;
    const { kernel, history } = this.#world;
    if (history.view.nodes.get(node)?.status.state === "down") return;
    const own = this.#heard[leader.number]?.get(node);
    const heard = own ?? this.#heardByAny.get(node);
    if (heard === undefined || heard.at > decidedAt) return;
    const { heartbeatGrace } = settingsOf(history.view.cluster);
    const stoodStill = own === undefined ? 0 : leader.pausedFor - own.pausedFor;
    const silence = kernel.now - heard.at - stoodStill;
    const ownBeats = Math.min(heard.grace, heartbeatGrace) - 1;
    if (silence >= heard.period * (own === undefined ? beatsToNotice : ownBeats)) return;
    if (this.#hasHung(node, decidedAt)) return;
    const detail = `${node} is called down ${silence / 1e6} s after its last heartbeat`;
    throw new BrokenInvariant(this.name, leader.name, detail);
  }

  /** By a clock that may be fast; and a pause may count, but not as what it was. */
  #hasHung(node: string, decidedAt: number): boolean {
    const { named, history } = this.#world;
    const hung = named.get(node)?.executor.hung ?? null;
    if (hung === null || hung.to + hindsight < decidedAt) return false;
    const { engineTimeout } = settingsOf(history.view.cluster);
    return Math.min(hung.to, decidedAt) - hung.from >= engineTimeout / 2;
  }
}

/** Most nodes were heard before: what is known of them is changed in its place. */
function note(heard: Map<string, Heard>, node: string, news: Heard): void {
  const known = heard.get(node);
  if (known === undefined) {
    heard.set(node, news);
    return;
  }
  known.at = news.at;
  known.period = news.period;
  known.grace = news.grace;
  known.pausedFor = news.pausedFor;
}
