import { limits } from "../base/limits.ts";
import { after, type Instant, never, seconds } from "../base/time.ts";
import type { Query } from "../control/command.ts";
import type { MemberId } from "../raft/message.ts";

/** How long a client waits for its read to be confirmed, and for the store to get as far. */
const readTimeout = seconds(5);

/** A client's read that still owes an answer. */
export interface Read {
  readonly token: number;
  readonly query: Query;
  readonly deadline: Instant;
  /** What the store must have applied before the answer; null while no quorum has confirmed it. */
  index: number | null;
  /** Whom the leader that confirmed it hears; empty: it leads here, or has not told. */
  heard: readonly MemberId[];
}

/**
 * The linearizable reads that clients of this manager wait for (Raft thesis 6.4), leader or not.
 *
 * Model: a read is asked of Raft under a number of its own. Once a quorum has confirmed that
 * nothing newer than some index was committed when it was asked, and the store has applied that
 * index, it is answered from the store. What takes too long is given up: the client asks again.
 */
export class Reads {
  /** By number, so the oldest come first. */
  readonly #reads = new Map<number, Read>();
  /**
   * When each read was asked for whose answer nobody waits for: that a quorum confirms it is all it
   * is for.
   */
  readonly #probes = new Map<number, Instant>();
  #lastNumber = 0;
  /** Reads that a quorum has confirmed: there is nothing to look for while there is none. */
  #confirmed = 0;

  /** The number under which to ask Raft, or null when too many are waiting already. */
  open(token: number, query: Query, now: Instant): number | null {
    if (this.#reads.size >= limits.waitingReads) return null;
    this.#lastNumber += 1;
    const deadline = after(now, readTimeout);
    this.#reads.set(this.#lastNumber, { token, query, deadline, index: null, heard: [] });
    return this.#lastNumber;
  }

  /** A read that only asks whether a quorum still follows. */
  openProbe(now: Instant): number {
    this.#lastNumber += 1;
    this.#probes.set(this.#lastNumber, now);
    return this.#lastNumber;
  }

  /** A quorum has confirmed the read. Of a probe, when it was asked for; else null. */
  confirm(number: number, index: number, heard: readonly MemberId[]): Instant | null {
    const askedAt = this.#probes.get(number) ?? null;
    this.#probes.delete(number);
    const read = this.#reads.get(number);
    if (read === undefined || read.index !== null) return askedAt;
    read.index = index;
    read.heard = heard;
    this.#confirmed += 1;
    return null;
  }

  /** Raft could not have the read confirmed: the token of the client to tell, if one waits. */
  fail(number: number): number | null {
    this.#probes.delete(number);
    const read = this.#reads.get(number);
    this.#close(number);
    return read?.token ?? null;
  }

  /** The reads that can be answered now that the store is at `applied`; they are closed. */
  takeReady(applied: number): readonly Read[] {
    if (this.#confirmed === 0) return none;
    return this.#take(({ index }) => index !== null && index <= applied);
  }

  /** Deadlines ascend with the numbers, so the first is the next. */
  get deadline(): Instant {
    if (this.#reads.size === 0) return never;
    for (const read of this.#reads.values()) return read.deadline;
    return never;
  }

  /** The reads that have waited for too long; they are closed. */
  takeExpired(now: Instant): readonly Read[] {
    return this.deadline > now ? none : this.#take(({ deadline }) => deadline <= now);
  }

  #take(isWanted: (read: Read) => boolean): Read[] {
    const taken: Read[] = [];
    for (const [number, read] of this.#reads) {
      if (!isWanted(read)) continue;
      taken.push(read);
      this.#close(number);
    }
    return taken;
  }

  #close(number: number): void {
    if (typeof this.#reads.get(number)?.index === "number") this.#confirmed -= 1;
    this.#reads.delete(number);
  }
}

const none: readonly Read[] = [];
