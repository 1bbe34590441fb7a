import type { Duration, Instant, Timestamp } from "../core/base/time.ts";
import type { Clock } from "../core/ports/clock.ts";

/** `setTimeout` takes no longer delay, in milliseconds: with more it does not wait at all. */
export const longestMs = 2 ** 31 - 1;

/** The clocks of this machine. The monotonic one begins at 0 when this is made. */
export class RealClock implements Clock {
  readonly #origin = process.hrtime.bigint();
  #timer: NodeJS.Timeout | null = null;
  /** When `#timer` runs out; it is left where it is set for earlier than need be. */
  #timerAt = 0;
  /** Called at `#wakeAt`; null: nobody is to be woken. */
  #wake: (() => void) | null = null;
  #wakeAt = 0;
  #isStopped = false;

  now(): Instant {
    return Number((process.hrtime.bigint() - this.#origin) / 1_000n) as Instant;
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
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timerAt = this.#wakeAt;
    const left = Math.max(0, Math.ceil((this.#wakeAt - this.now()) / 1_000));
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
