import type { Planted } from "../base/planted.ts";
import {
  after,
  type Duration,
  elapsed,
  type Instant,
  type Moment,
  type Timestamp,
  until,
} from "../base/time.ts";
import type { RaftMessage } from "../raft/message.ts";

/**
 * The time that goes into the store, as each manager knows it.
 *
 * Model: the leader's runs on with its monotonic clock and goes with all that it says in Raft; the
 * others set theirs by it. So the next leader goes on where the last one was, however far off its
 * own calendar is: what a deadline has left does not change with the leader. Only a leader that has
 * heard from nobody who knows asks its calendar, as time may have passed while all were off; the
 * store's own time counts when that is later. It never goes back in the store, and nothing waits
 * for ever.
 */
export class ClusterClock {
  /** Null: nobody has told this manager since it started. */
  #since: { readonly at: Instant; readonly time: Timestamp } | null = null;
  /** By how much its calendar put the time forward when this manager came to lead, if it did. */
  #leapt = 0 as Duration;

  /** With a message in Raft. The leader sets the time; who knows none takes it from anybody. */
  told(time: Timestamp, { kind, term }: RaftMessage, ownTerm: number, now: Instant): void {
    const isLeaders = term >= ownTerm && (kind === "append" || kind === "heartbeat");
    if (isLeaders || this.#since === null) this.heard(time, now);
  }

  /** Another manager's clock shows this. */
  heard(time: Timestamp, now: Instant): void {
    this.#since = { at: now, time };
  }

  /** This manager leads from now on, with a store of this time. */
  lead(stored: Timestamp, { now, calendar }: Moment, planted: Planted): void {
    const mustGuess = this.#since === null;
    if (mustGuess || planted === "O16") this.heard(calendar, now);
    this.#leapt = mustGuess ? until(stored, calendar) : (0 as Duration);
    if (stored > this.at(now)) this.heard(stored, now);
  }

  /** Null as long as it is not known. */
  shown(now: Instant): Timestamp | null {
    if (this.#since === null) return null;
    return after(this.#since.time, elapsed(this.#since.at, now));
  }

  /** Once it leads. */
  at(now: Instant): Timestamp {
    return this.shown(now) ?? (0 as Timestamp);
  }

  /** The local moment at which the cluster's clock shows `time`, or `now` when it already has. */
  instantOf(time: Timestamp, now: Instant): Instant {
    return after(now, until(this.at(now), time));
  }

  /** The same, or later: a calendar that had to be asked may have put the time forward. */
  latestInstantOf(time: Timestamp, now: Instant): Instant {
    return after(now, until((this.at(now) - this.#leapt) as Timestamp, time));
  }
}
