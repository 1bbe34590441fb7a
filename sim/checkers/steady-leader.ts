import type { Host } from "../world/host.ts";

/** A leader that is not seen at work for this long has had a break. */
const longestBreak = 10_000_000;

/** Since when one leader has worked without a break, seen step by step. */
export class SteadyLeader {
  #host: Host | null = null;
  #since = 0;
  #seenAt = 0;

  /** Since when the leader that has just stepped has. */
  sinceStep(host: Host, now: number): number {
    if (this.#host !== host || now - this.#seenAt > longestBreak) {
      this.#host = host;
      this.#since = now;
    }
    this.#seenAt = now;
    return this.#since;
  }
}
