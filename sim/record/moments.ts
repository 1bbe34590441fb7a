import { upTo } from "./versions.ts";

/** Which moments of a run can still be looked at. */
export interface Kept {
  /** After this event, and each one later, the run can be looked at. */
  readonly from: number;
  /** Of the events before it, so it can after each whose number is a multiple of this. */
  readonly every: number;
}

/** The events of a run after which it can be looked at, and their times; 0: before the first. */
export class Moments {
  readonly #events = [0];
  readonly #times = [0];

  /** Number of an event, which is later than all others, and its time in microseconds. */
  add(event: number, time: number): void {
    this.#events.push(event);
    this.#times.push(time);
  }

  /** The newest at this time, in microseconds. */
  eventAt(time: number): number {
    return this.#events[upTo(this.#times, time) - 1] ?? 0;
  }

  /** The newest that is no later than this event. */
  upTo(event: number): number {
    return this.#events[upTo(this.#events, event) - 1] ?? 0;
  }

  /** The oldest that is no earlier than this event, which has been added. */
  from(event: number): number {
    return this.#events[upTo(this.#events, event - 1)] as number;
  }

  /** The time of the newest that is no later than this event. */
  timeOf(event: number): number {
    return this.#times[upTo(this.#events, event) - 1] ?? 0;
  }

  /** Whether there is one from the one time on and before the other, in microseconds. */
  isAnyIn(since: number, until: number): boolean {
    return (this.#times[upTo(this.#times, until - 1) - 1] ?? -1) >= since;
  }

  /** How many are left of those before `from`. */
  thin({ from, every }: Kept): number {
    let left = 0;
    let older = 0;
    for (const [at, event] of this.#events.entries()) {
      if (event < from && event % every !== 0) continue;
      this.#events[left] = event;
      this.#times[left] = this.#times[at] as number;
      left += 1;
      if (event < from) older += 1;
    }
    this.#events.length = left;
    this.#times.length = left;
    return older;
  }
}
