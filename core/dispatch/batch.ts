import { after, type Instant, ms, never } from "../base/time.ts";

/** Changes wait this long for more, as each is told to many nodes (SwarmKit `batchingWaitTime`). */
const batchingWait = ms(100);

/** When what has changed is told: some time after the first change that has not been. */
export class Batch {
  #tellAt: Instant = never;

  get deadline(): Instant {
    return this.#tellAt;
  }

  /** Something is to be told. */
  begin(now: Instant): void {
    if (this.#tellAt === never) this.#tellAt = after(now, batchingWait);
  }

  /** True when it is time: all of it is to be told now. */
  take(now: Instant): boolean {
    if (now < this.#tellAt) return false;
    this.#tellAt = never;
    return true;
  }
}
