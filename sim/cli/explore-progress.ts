import { counted, grouped } from "../../core/observe/numbers.ts";
import { timeLeft } from "./progress.ts";

/** How far an exploration has come. */
export interface ExploreState {
  readonly runs: number;
  /** Infinite when only time is a limit. */
  readonly planned: number;
  readonly failed: number;
  /** Of the catalogue of rare situations: how many were reached, and how many there are. */
  readonly reached: number;
  readonly situations: number;
  readonly states: number;
  readonly elapsedSeconds: number;
  /** After this many seconds it ends; null: no limit. */
  readonly seconds: number | null;
}

/** `1,200 of 5,000 runs, 41.3 a second, 2 failed, 31 of 47 rare, 9,120 states, 1 m 32 s left`. */
export function exploreText(state: ExploreState): string {
  const { runs, planned, failed, reached, situations, states, elapsedSeconds } = state;
  const perSecond = elapsedSeconds > 0 ? runs / elapsedSeconds : 0;
  const count = Number.isFinite(planned)
    ? `${grouped(runs)} of ${counted(planned, "run")}`
    : counted(runs, "run");
  const left = leftSeconds(state, perSecond);
  return [
    count,
    `${grouped(perSecond, 1)} a second`,
    `${grouped(failed)} failed`,
    `${reached} of ${situations} rare`,
    `${grouped(states)} states`,
    ...(left === null ? [] : [`${timeLeft(left)} left`]),
  ].join(", ");
}

function leftSeconds(state: ExploreState, perSecond: number): number | null {
  const { planned, runs, seconds, elapsedSeconds } = state;
  const byTime = seconds === null ? Number.POSITIVE_INFINITY : seconds - elapsedSeconds;
  const byRuns = perSecond > 0 ? (planned - runs) / perSecond : Number.POSITIVE_INFINITY;
  const left = Math.min(byTime, byRuns);
  return Number.isFinite(left) ? Math.max(0, left) : null;
}
