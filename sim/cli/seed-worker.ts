import { workerData } from "node:worker_threads";
import { plantedOf } from "../planted.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { outcomeOf } from "./outcome.ts";
import type { RunLimits } from "./request.ts";
import { serve } from "./serve.ts";

/** A worker thread that runs one scenario after another. */

/** What a thread is given when it starts. */
export interface SeedWorkerData {
  readonly plans: readonly ScenarioPlan[];
  readonly limits: RunLimits;
  /** The id of a bug to plant. */
  readonly bug: string | null;
}

/** One run: the place of its plan, and its seed. */
export interface SeedJob {
  readonly plan: number;
  readonly seed: string;
}

const { plans, limits, bug } = workerData as SeedWorkerData;

serve(({ plan, seed }: SeedJob) => {
  return outcomeOf(plans[plan] as ScenarioPlan, seed, limits, plantedOf(bug));
});
