import type { NodeEvent } from "../../core/node/event.ts";
import { storeEntry } from "../../core/node/payload.ts";
import type { Entry } from "../../core/raft/message.ts";
import { majorityOf } from "../../core/raft/quorum.ts";
import type { Raft } from "../../core/raft/raft.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";

/** What a leader may gain besides, in microseconds: messages take their time. */
const allowance = 2_000_000;
/** An entry that Raft would not take at first is as old as that at most: two slow elections. */
const keptFor = 120_000_000;
const million = 1_000_000;

/** By how much the cluster's time was ahead of the world's at a moment. */
interface Reading {
  readonly at: number;
  readonly ahead: number;
  /** The leaps of all clocks that it went by until then. */
  readonly leapt: number;
}

/**
 * The cluster's time goes no faster than the clocks of its managers, whoever leads: a leader that
 * put it forward would let everything fall due that waits. Only when so many managers have started
 * anew that nobody may know the time, a leader asks its calendar.
 */
export class TimeKeepsPace implements Checker {
  readonly name = "time-keeps-pace";
  readonly source = "our own: core/manager/cluster-clock.ts";
  checks = 0;
  readonly #world: CheckedWorld;
  /** Managers that have known the time since they started. */
  readonly #informed = new Set<string>();
  /** Of the last leader: one of an earlier term may go on for a while, and counts no more. */
  #term = 0;
  #last: Reading | null = null;
  #fastest = 0;
  /** How far clocks have leapt that the time went by: together, and each by its host's number. */
  #leapt = 0;
  readonly #leaps: number[] = [];

  constructor(world: CheckedWorld) {
    this.#world = world;
  }

  recovered(host: Host): void {
    this.#informed.delete(host.name);
  }

  /** Whoever follows a leader that knows has heard it. */
  memberMoved(host: Host, { leader }: Raft): void {
    if (leader === null || this.#informed.has(host.name)) return;
    const other = this.#world.hosts.find((each) => each.memberId === leader && each.isManager);
    if (other !== undefined && this.#informed.has(other.name)) this.#informed.add(host.name);
  }

  happened(host: Host, { kind }: NodeEvent): void {
    if (kind === "forced" || kind === "standing") this.#informed.delete(host.name);
    if (kind === "forced") this.#last = null;
    if (kind === "manager-started") this.#leads(host, host.raft?.term ?? 0);
  }

  /** Its first entry may be written before it says that it has started. */
  #leads(host: Host, term: number): void {
    if (term <= this.#term) return;
    this.#term = term;
    for (const other of this.#world.hosts) this.#allowFor(other);
    if (!this.#mustKnow(host)) this.#last = null;
    this.#informed.add(host.name);
  }

  /** True when every quorum has a member that knows. */
  #mustKnow(leader: Host): boolean {
    if (this.#informed.has(leader.name)) return true;
    const { voters = [], outgoing = [] } = leader.raft?.membership ?? {};
    const known = this.#world.managers.filter(({ name }) => this.#informed.has(name));
    const ids = new Set(known.map(({ memberId }) => memberId));
    return [voters, outgoing].every((half) => {
      const strangers = half.filter((id) => !ids.has(id)).length;
      return half.length === 0 || strangers < majorityOf(half.length);
    });
  }

  proposed(leader: Host, entry: Entry, { term }: Raft): void {
    const proposed = storeEntry(entry);
    if (proposed === null) return;
    this.#leads(leader, term);
    if (term < this.#term) return;
    const { time } = proposed;
    this.checks += 1;
    this.#allowFor(leader);
    const reading = this.#reading(time);
    const { at, ahead, leapt } = this.#last ?? reading;
    const drifted = ((reading.at - at) * this.#fastest) / million;
    const most = ahead + drifted + (reading.leapt - leapt) + allowance;
    if (reading.ahead > most) {
      const gained = (reading.ahead - ahead) / million;
      const detail = `the cluster's time is put forward by ${gained} s`;
      throw new BrokenInvariant(this.name, leader.name, detail);
    }
    const isKept = ahead - reading.ahead < keptFor;
    this.#last = isKept ? { ...reading, ahead: Math.max(reading.ahead, ahead) } : reading;
  }

  #reading(time: number): Reading {
    const { now } = this.#world.kernel;
    return { at: now, ahead: time - now, leapt: this.#leapt };
  }

  #allowFor({ number, clock }: Host): void {
    this.#fastest = Math.max(this.#fastest, Math.abs(clock.faults.driftPpm));
    this.#leapt += clock.leapt - (this.#leaps[number] ?? 0);
    this.#leaps[number] = clock.leapt;
  }
}
