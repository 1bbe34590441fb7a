import { parentPort, workerData } from "node:worker_threads";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";

/** The body of a worker thread: runs one scenario after another as it is told. */

/** What a thread is given when it starts. */
export interface SeedWorkerData {
  readonly plans: readonly ScenarioPlan[];
  /** In microseconds; null runs to the end. */
  readonly until: number | null;
}

/** One run: the place of its plan, its seed, and its own place among all runs. */
export interface SeedJob {
  readonly index: number;
  readonly plan: number;
  readonly seed: string;
}

export interface SeedAnswer {
  readonly index: number;
  readonly outcome: Outcome;
}

const { plans, until } = workerData as SeedWorkerData;

parentPort?.on("message", ({ index, plan, seed }: SeedJob) => {
  const options = until === null ? {} : { until };
  const answer: SeedAnswer = {
    index,
    outcome: outcomeOf(plans[plan] as ScenarioPlan, seed, options),
  };
  parentPort?.postMessage(answer);
});
