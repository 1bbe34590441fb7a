import { parentPort, workerData } from "node:worker_threads";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import type { RunLimits } from "./request.ts";

/** The body of a worker thread: runs one scenario after another as it is told. */

/** What a thread is given when it starts. */
export interface SeedWorkerData {
  readonly plans: readonly ScenarioPlan[];
  readonly limits: RunLimits;
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

const { plans, limits } = workerData as SeedWorkerData;

parentPort?.on("message", ({ index, plan, seed }: SeedJob) => {
  const outcome = outcomeOf(plans[plan] as ScenarioPlan, seed, limits);
  parentPort?.postMessage({ index, outcome } satisfies SeedAnswer);
});
