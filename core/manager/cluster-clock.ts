import { after, elapsed, type Instant, type Timestamp, until } from "../base/time.ts";

/** A machine's two clocks at one moment. */
export interface Clocks {
  readonly now: Instant;
  readonly calendar: Timestamp;
}

/**
 * The time that goes into the store, as each manager knows it.
 *
 * Model: it follows the manager's monotonic clock from the newest entry on that a leader has
 * written while this manager was up. So the next leader goes on where the last one was, however far
 * off its own calendar is: what a deadline has left does not change with the leader. Only a leader
 * that has heard none since it started asks its calendar, as time may have passed while all were
 * off; the store's own time counts when that is later. It never goes back, and nothing waits for
 * ever.
 */
export class ClusterClock {
  /** Null: no leader was heard since the manager started. */
  #since: { readonly at: Instant; readonly time: Timestamp } | null = null;

  /** A leader has written this, just now or a little earlier. */
  heard(time: Timestamp, now: Instant): void {
    if (this.#since === null || time > this.at(now)) this.#since = { at: now, time };
  }

  /** This manager leads from now on, with a store of this time. */
  lead(stored: Timestamp, { now, calendar }: Clocks): void {
    if (this.#since === null) this.heard(calendar, now);
    this.heard(stored, now);
  }

  /** Once it leads. */
  at(now: Instant): Timestamp {
    if (this.#since === null) return 0 as Timestamp;
    return after(this.#since.time, elapsed(this.#since.at, now));
  }

  /** The local moment at which the cluster's clock shows `time`, or `now` when it already has. */
  instantOf(time: Timestamp, now: Instant): Instant {
    return after(now, until(this.at(now), time));
  }
}
