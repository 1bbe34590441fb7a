import { after, type Duration, type Instant } from "../base/time.ts";

/** When Raft's ticks are due on this node's clock. */
export class Ticks {
  readonly #interval: Duration;
  #next: Instant;

  constructor(interval: Duration, first: Instant) {
    this.#interval = interval;
    this.#next = first;
  }

  get deadline(): Instant {
    return this.#next;
  }

  /** One is due. Those missed in a pause are not made up for: others' silence proves nothing. */
  count(now: Instant, tick: () => void): void {
    this.#countOne(tick);
    if (this.#next <= now) this.#next = after(now, this.#interval);
  }

  /**
   * All that are due, but no more than `most`: leases are counted in ticks, and none may be missing
   * when anything else happens, a pause or not.
   */
  countAll(now: Instant, most: number, tick: () => void): void {
    for (let left = most; left > 0 && this.#next <= now; left -= 1) this.#countOne(tick);
  }

  #countOne(tick: () => void): void {
    this.#next = after(this.#next, this.#interval);
    tick();
  }
}
