import type { Duration, Instant, Timestamp } from "../../core/base/time.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { EventKind, type Kernel } from "../kernel.ts";

/** 2026-01-01, where every simulated calendar starts. */
const epoch = 1_767_225_600_000_000;
const million = 1_000_000;

type Wake = () => unknown;

/**
 * One machine's clocks: a monotonic one that runs a little fast or slow, and a calendar that may
 * be wrong by any amount. A change of speed leaves no jump in the monotonic clock. Both stand still
 * while a virtual machine is stopped with its clocks.
 */
export class SimClock implements Clock {
  readonly #kernel: Kernel;
  readonly #host: number;
  #anchorSim: number;
  #anchorLocal = 0;
  #driftPpm = 0;
  #skew = 0;
  #leapt = 0;
  /** Since when both stand still; null: they do not. */
  #stoppedAt: number | null = null;
  /** Called when the local clock shows `#wakeAt`; null: no timer is set. */
  #wake: Wake | null = null;
  #wakeAt = 0;
  /** Of the event that looks at the timer; -1: there is none. */
  #place = -1;
  readonly #run: (wake: Wake) => unknown;

  /** `run` is given what is to be called when a timer runs out. Default: it is called. */
  constructor(kernel: Kernel, host: number, run: (wake: Wake) => unknown = (wake) => wake()) {
    this.#kernel = kernel;
    this.#host = host;
    this.#run = run;
    this.#anchorSim = kernel.now;
  }

  #present(): number {
    return this.#stoppedAt ?? this.#kernel.now;
  }

  now(): Instant {
    const passed = this.#present() - this.#anchorSim;
    const drifted = passed + Math.floor((passed * this.#driftPpm) / million);
    return (this.#anchorLocal + drifted) as Instant;
  }

  calendar(): Timestamp {
    return (epoch + this.#present() + this.#skew) as Timestamp;
  }

  /** How far off the clocks are at the moment: microseconds and millionths. */
  get faults(): { readonly ahead: number; readonly driftPpm: number } {
    return { ahead: this.#skew, driftPpm: this.#driftPpm };
  }

  wakeAfter(delay: Duration, wake: Wake): void {
    this.#wake = wake;
    this.#wakeAt = this.now() + delay;
    this.#lookAfter(delay);
  }

  /** `left` is on this clock. */
  #lookAfter(left: number): void {
    const delay = Math.max(0, Math.ceil((left * million) / (million + this.#driftPpm)));
    const { WAKE } = EventKind;
    if (this.#place >= 0) this.#kernel.postpone(this.#place, delay);
    else this.#place = this.#kernel.schedule(delay, WAKE, this.#host, null, this.#rings);
  }

  /** Looks again when the clock has slowed down meanwhile: a timer is never early. */
  readonly #rings = (): boolean => {
    this.#place = -1;
    const wake = this.#wake;
    if (wake === null || this.#stoppedAt !== null) return false;
    const left = this.#wakeAt - this.now();
    if (left > 0) {
      this.#lookAfter(left);
      return false;
    }
    this.#wake = null;
    return this.#run(wake) !== false;
  };

  /** The machine has started anew: its clock begins at 0 and no timer is set. */
  reboot(): void {
    this.#wake = null;
    this.#stoppedAt = null;
    this.#anchorSim = this.#kernel.now;
    this.#anchorLocal = 0;
  }

  /** Both clocks stand still until `goOn`, or a new start. */
  stop(): void {
    this.#stoppedAt ??= this.#kernel.now;
  }

  /** They go on from where they stood, so the calendar stays behind. */
  goOn(): void {
    if (this.#stoppedAt === null) return;
    const local = this.now();
    this.#skew -= this.#kernel.now - this.#stoppedAt;
    this.#stoppedAt = null;
    this.#goFrom(local);
    this.#lookAgain();
  }

  /** All leaps so far together, in microseconds. */
  get leapt(): number {
    return this.#leapt;
  }

  /** From now on the clock runs `ppm` millionths fast. */
  drift(ppm: number): void {
    this.#goFrom(this.now());
    this.#driftPpm = ppm;
  }

  /** Both clocks leap ahead by this many microseconds; a timer that ran out meanwhile is due. */
  jump(ahead: number): void {
    this.#goFrom(this.now() + ahead);
    this.#skew += ahead;
    this.#leapt += ahead;
    this.#lookAgain();
  }

  #goFrom(local: number): void {
    this.#anchorLocal = local;
    this.#anchorSim = this.#present();
  }

  #lookAgain(): void {
    if (this.#wake !== null) this.#lookAfter(this.#wakeAt - this.now());
  }

  /** From now on the calendar is ahead by this many microseconds, or behind below 0. */
  skew(ahead: number): void {
    this.#skew = ahead;
  }
}
