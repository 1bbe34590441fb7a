import { complain } from "./output.ts";
import { grouped } from "./words.ts";

/** How far many runs have come. */
export interface ProgressState {
  readonly done: number;
  readonly planned: number;
  readonly failed: number;
  readonly elapsedSeconds: number;
  /** What there are many of. */
  readonly noun: string;
}

const everyMs = 100;
const clearLine = "\r\x1b[2K";

/** `120 of 400 runs, 45.2 a second, 2 failed, 6 s left`. */
export function progressText(state: ProgressState): string {
  const { done, planned, failed, elapsedSeconds, noun } = state;
  const perSecond = elapsedSeconds > 0 ? done / elapsedSeconds : 0;
  const left = perSecond > 0 ? `, ${timeLeft((planned - done) / perSecond)} left` : "";
  const counts = `${grouped(done)} of ${grouped(planned)} ${noun}`;
  return `${counts}, ${grouped(perSecond, 1)} a second, ${grouped(failed)} failed${left}`;
}

export function timeLeft(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} m`;
}

/** A line on the terminal that says how far the runs have come, until it is cleared. */
export class Progress {
  readonly #planned: number;
  readonly #noun: string;
  readonly #isShown: boolean;
  readonly #startedAt = performance.now();
  #drawnAt = 0;
  #done = 0;
  #failed = 0;

  constructor(planned: number, isShown: boolean, noun = "runs") {
    this.#planned = planned;
    this.#noun = noun;
    this.#isShown = isShown;
  }

  add(isFailure: boolean): void {
    this.#done += 1;
    if (isFailure) this.#failed += 1;
    const now = performance.now();
    if (!this.#isShown || now - this.#drawnAt < everyMs) return;
    this.#drawnAt = now;
    const elapsedSeconds = (now - this.#startedAt) / 1000;
    const counts = { done: this.#done, planned: this.#planned, failed: this.#failed };
    const text = progressText({ ...counts, elapsedSeconds, noun: this.#noun });
    complain(`${clearLine}${text}`);
  }

  /** Must come before anything else is printed. */
  clear(): void {
    if (!this.#isShown || this.#drawnAt === 0) return;
    this.#drawnAt = 0;
    complain(clearLine);
  }
}
