import { uptime } from "node:os";
import type { Duration, Instant, Timestamp } from "../core/base/time.ts";
import type { Clock } from "../core/ports/clock.ts";

/** `setTimeout` takes no longer delay, in milliseconds: with more it does not wait at all. */
export const longestMs = 2 ** 31 - 1;

/** How often, in microseconds, it is looked whether the machine was suspended. */
const lookEvery = 250_000;
/** Less is noise: the machine's uptime is known to some hundredths of a second. */
const suspendedLeast = 1_000_000;

/**
 * The clocks of this machine. The monotonic one begins at 0 when this is made, and goes on while
 * the machine is suspended, as a simulated one does while its machine is paused. Linux's own stands
 * still: the time in the store would fall behind by every night that all managers sleep.
 */
export class RealClock implements Clock {
  readonly #origin = process.hrtime.bigint();
  readonly #uptime: () => number;
  /** The machine's uptime at the origin, in microseconds. */
  readonly #upBefore: number;
  /** For how long it was suspended since, in microseconds, and when that was last looked for. */
  #suspended = 0;
  #lookedAt = 0;
  #timer: NodeJS.Timeout | null = null;
  /** When `#timer` runs out; it is left where it is set for earlier than need be. */
  #timerAt = 0;
  /** Called at `#wakeAt`; null: nobody is to be woken. */
  #wake: (() => void) | null = null;
  #wakeAt = 0;
  #isStopped = false;

  /** `sinceBoot`: the machine's uptime in seconds, suspended or not (proc(5)). */
  constructor(sinceBoot: () => number = uptime) {
    this.#uptime = sinceBoot;
    this.#upBefore = Math.floor(sinceBoot() * 1e6);
  }

  now(): Instant {
    const ticked = Number((process.hrtime.bigint() - this.#origin) / 1_000n);
    if (ticked - this.#lookedAt >= lookEvery) this.#look(ticked);
    return (ticked + this.#suspended) as Instant;
  }

  /** What was due while the machine was suspended is due now. */
  #look(ticked: number): void {
    this.#lookedAt = ticked;
    const suspended = Math.floor(this.#uptime() * 1e6) - this.#upBefore - ticked;
    if (suspended - this.#suspended < suspendedLeast) return;
    this.#suspended = suspended;
    if (this.#timer !== null) this.#setTimer();
  }

  calendar(): Timestamp {
    return (Date.now() * 1_000) as Timestamp;
  }

  wakeAfter(delay: Duration, wake: () => void): void {
    this.#wake = wake;
    this.#wakeAt = this.now() + delay;
    if (this.#timer === null || this.#wakeAt < this.#timerAt) this.#setTimer();
  }

  /** Nobody is woken any more. */
  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Node's timers may be early by less than a millisecond, and none is set for years. */
  #setTimer(): void {
    if (this.#isStopped) return;
    const left = Math.max(0, Math.ceil((this.#wakeAt - this.now()) / 1_000));
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timerAt = this.#wakeAt;
    this.#timer = setTimeout(() => this.#expire(), Math.min(longestMs, left));
  }

  #expire(): void {
    this.#timer = null;
    const wake = this.#wake;
    if (wake === null) return;
    if (this.now() < this.#wakeAt) return this.#setTimer();
    this.#wake = null;
    wake();
  }
}
