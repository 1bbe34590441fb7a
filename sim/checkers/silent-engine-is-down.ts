import { type ClusterSpec, pingEvery, settingsOf } from "../../core/model/cluster.ts";
import type { Member } from "../../core/node/member.ts";
import type { Commit } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";
import { Overdue } from "./overdue.ts";

/** A leader that works without a break has this long, to commit what it has decided. */
const patience = 30_000_000;
/** A node that is not seen at work for this long has had a break, which does not count. */
const longestBreak = 20_000_000;
/** By how much its clock may be slow, and what is lost to pauses shorter than a break. */
const allowance = 2;

/**
 * A node that the leader hears, but whose container engine has not answered for longer than the
 * cluster allows, is down: tasks don't wait for ever on a machine that can't run them.
 */
export class SilentEngineIsDown implements Checker {
  readonly name = "silent-engine-is-down";
  readonly source = "our own: ClusterSpec.engineTimeout";
  checks = 0;
  readonly #world: CheckedWorld;
  readonly #overdue = new Overdue(patience);
  /** Since when each node has been at work, and when it was seen last. */
  readonly #awake = new Map<string, { since: number; seenAt: number }>();

  constructor(world: CheckedWorld) {
    this.#world = world;
  }

  /** The leader answers each heartbeat at once. */
  beatAnswered(leader: Host, to: string): void {
    if (this.#awake.size === 0) return;
    const hung = this.#world.named.get(to)?.executor.hung ?? null;
    if (hung === null || hung.to !== Infinity) return;
    const awake = this.#awake.get(to);
    if (awake === undefined) return;
    const { now } = this.#world.kernel;
    const { history } = this.#world;
    const silence = now - Math.max(hung.from, awake.since);
    if (silence < longestSilence(settingsOf(leader.node?.member?.store.cluster ?? null))) return;
    this.checks += 1;
    const node = history.view.nodes.get(to);
    if (node?.status.state === "ready") this.#overdue.add(to, now);
  }

  atWork(host: Host): void {
    if (host.executor.hung !== null) this.#watch(host, this.#world.kernel.now);
  }

  leading(host: Host, member: Member): void {
    const node = this.#overdue.leftBy(host, member, this.#world.kernel.now);
    if (node === null) return;
    const detail = `${node} is ready, though its container engine has long not answered`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }

  committed({ nodes }: Commit): void {
    for (const { id, current } of nodes) {
      if (current?.status.state !== "ready") this.#overdue.delete(id);
    }
  }

  crashed(host: Host): void {
    this.#awake.delete(host.name);
    this.#overdue.delete(host.name);
  }

  #watch({ name, executor }: Host, now: number): void {
    if (executor.hung?.to !== Infinity) return this.#overdue.delete(name);
    const awake = this.#awake.get(name);
    if (awake !== undefined && now - awake.seenAt <= longestBreak) awake.seenAt = now;
    else {
      this.#awake.set(name, { since: now, seenAt: now });
      this.#overdue.delete(name);
    }
  }
}

/** From when an engine hangs until the leader must have been told that it does. */
function longestSilence({ engineTimeout, heartbeatPeriod }: ClusterSpec): number {
  return allowance * (engineTimeout + pingEvery + 2 * heartbeatPeriod);
}
