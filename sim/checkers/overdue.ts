import type { Host } from "../world/host.ts";
import { SteadyLeader } from "./steady-leader.ts";

/**
 * What whoever leads should have done by now: it has `patience` for each of them, in which it leads
 * without a break, to decide it and to commit it.
 */
export class Overdue {
  readonly #leader = new SteadyLeader();
  readonly #patience: number;
  /** Since when each is overdue. */
  readonly #since = new Map<string, number>();

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
   * What the leader that has just stepped has left undone for too long. Null: nothing is overdue,
   * so nothing could be looked at.
   */
  leftBy(host: Host, now: number): readonly string[] | null {
    if (this.#since.size === 0) return null;
    const leads = this.#leader.sinceStep(host, now);
    const from = (since: number) => Math.max(since, leads);
    const left = [...this.#since].filter(([, since]) => now - from(since) > this.#patience);
    return left.map(([what]) => what);
  }
}
