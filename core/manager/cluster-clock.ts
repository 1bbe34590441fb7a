import { after, elapsed, type Instant, type Timestamp, until } from "../base/time.ts";

/**
 * The time that goes into the store. It starts where the store or the leader's calendar is, the
 * later of the two, and from there follows the leader's monotonic clock: neither a calendar that
 * jumps nor a change of leader takes it backwards, and nothing that waits for it waits for ever.
 */
export class ClusterClock {
  readonly #startedAt: Instant;
  readonly #base: Timestamp;

  constructor(now: Instant, calendar: Timestamp, stored: Timestamp) {
    this.#startedAt = now;
    this.#base = calendar > stored ? calendar : stored;
  }

  at(now: Instant): Timestamp {
    return after(this.#base, elapsed(this.#startedAt, now));
  }

  /** The local moment at which the cluster's clock shows `time`, or `now` when it already has. */
  instantOf(time: Timestamp, now: Instant): Instant {
    return after(now, until(this.at(now), time));
  }
}
