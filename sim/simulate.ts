import { noBug, type Planted } from "../core/base/planted.ts";
import type { RunResult } from "./result.ts";
import type { RunOptions } from "./run.ts";
import { Run } from "./run.ts";
import type { ScenarioPlan } from "./scenario/dsl.ts";

/**
 * Runs one scenario from one seed, in this thread and without a break. The scenario must have
 * passed `checkScenario`. Never throws for what happens inside: a broken property, or a failed
 * assertion, is a violation in the result.
 */
export function simulate(
  scenario: ScenarioPlan,
  seed: string,
  options: RunOptions = {},
  planted: Planted = noBug,
): RunResult {
  const startedAt = performance.now();
  const result = new Run(scenario, seed, options, planted).toEnd();
  return { ...result, wallSeconds: (performance.now() - startedAt) / 1000 };
}
