import type { Host } from "../host.ts";

/** A leader that is not seen at work for so long has had a break. */
const longestBreak = 10_000_000;

/**
 * What whoever leads should have done by now: it has `patience` for each of them, in which it leads
 * without a break, to decide it and to commit it.
 */
export class Overdue {
  readonly #patience: number;
  /** Since when each is overdue. */
  readonly #since = new Map<string, number>();
  #leader: Host | null = null;
  #leadsSince = 0;
  #seenAt = 0;

  /** In microseconds of the world's time. */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /** Overdue from now on, if it was not before. */
  add(what: string, now: number): void {
    if (!this.#since.has(what)) this.#since.set(what, now);
  }

  delete(what: string): void {
    this.#since.delete(what);
  }

  /**
   * What the leader that has just stepped has left undone for too long. Null: the host does not
   * lead, or nothing is overdue: nothing could be looked at.
   */
  leftBy(host: Host, now: number): readonly string[] | null {
    if (this.#since.size === 0) return null;
    if (host.raft?.role !== "leader" || host.node?.member?.isManaging !== true) return null;
    this.#see(host, now);
    const from = (since: number) => Math.max(since, this.#leadsSince);
    const left = [...this.#since].filter(([, since]) => now - from(since) > this.#patience);
    return left.map(([what]) => what);
  }

  #see(leader: Host, now: number): void {
    if (this.#leader !== leader || now - this.#seenAt > longestBreak) {
      this.#leader = leader;
      this.#leadsSince = now;
    }
    this.#seenAt = now;
  }
}
