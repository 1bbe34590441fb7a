import { grouped } from "../../core/observe/numbers.ts";
import { StatusLine } from "./status-line.ts";

/** How far many runs have come. */
export interface ProgressState {
  readonly done: number;
  readonly planned: number;
  readonly failed: number;
  readonly elapsedSeconds: number;
  /** What there are many of. */
  readonly noun: string;
}

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

/** How far many runs have come, as a line on the terminal until it is cleared. */
export class Progress {
  readonly #planned: number;
  readonly #noun: string;
  /** Null: nothing is shown. */
  readonly #line: StatusLine | null;
  readonly #startedAt = performance.now();
  #done = 0;
  #failed = 0;

  constructor(planned: number, noun = "runs", line: StatusLine | null = new StatusLine()) {
    this.#planned = planned;
    this.#noun = noun;
    this.#line = line;
  }

  add(isFailure: boolean): void {
    this.#done += 1;
    if (isFailure) this.#failed += 1;
    this.#line?.show(() => {
      const elapsedSeconds = (performance.now() - this.#startedAt) / 1000;
      const counts = { done: this.#done, planned: this.#planned, failed: this.#failed };
      return progressText({ ...counts, elapsedSeconds, noun: this.#noun });
    });
  }

  /** Must come before anything else is printed. */
  clear(): void {
    this.#line?.clear();
  }
}
