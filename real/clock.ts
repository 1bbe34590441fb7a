import type { Duration, Instant, Timestamp } from "../core/base/time.ts";
import type { Clock } from "../core/ports/clock.ts";

/** `setTimeout` takes no longer delay, in milliseconds: with more it does not wait at all. */
export const longestMs = 2 ** 31 - 1;

/** The clocks of this machine. The monotonic one begins at 0 when this is made. */
export class RealClock implements Clock {
  readonly #origin = process.hrtime.bigint();
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  now(): Instant {
    return Number((process.hrtime.bigint() - this.#origin) / 1_000n) as Instant;
  }

  calendar(): Timestamp {
    return (Date.now() * 1_000) as Timestamp;
  }

  wakeAfter(delay: Duration, wake: () => void): void {
    this.#wakeAt(this.now() + delay, wake);
  }

  /** Nobody is woken any more. */
  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Node's timers may be early by less than a millisecond, and none is set for years. */
  #wakeAt(at: number, wake: () => void): void {
    if (this.#isStopped) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const left = Math.max(0, Math.ceil((at - this.now()) / 1_000));
    const expire = () => {
      if (this.now() < at) this.#wakeAt(at, wake);
      else wake();
    };
    this.#timer = setTimeout(expire, Math.min(longestMs, left));
  }
}
