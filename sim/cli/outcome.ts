import { noBug, type Planted } from "../../core/base/planted.ts";
import { emptyResult, type RunResult } from "../result.ts";
import type { RunOptions } from "../run.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { simulate } from "../simulate.ts";
import { type Bug, bugOf } from "./bug.ts";

/** What is named as broken when simswarm itself could not finish a run. */
export const worksInvariant = "simswarm-works";

/** What became of one run. */
export interface Outcome {
  readonly result: RunResult;
  /** What simswarm itself did wrong, when it could not finish the run. */
  readonly bug: Bug | null;
}

/** Runs a scenario; an exception that is not the scenario's becomes part of the outcome. */
export function outcomeOf(
  plan: ScenarioPlan,
  seed: string,
  options: RunOptions,
  planted: Planted = noBug,
): Outcome {
  try {
    return { result: simulate(plan, seed, options, planted), bug: null };
  } catch (error) {
    return bugOutcome(plan.name, seed, error);
  }
}

/** The outcome of a run that an error ended. */
export function bugOutcome(scenario: string, seed: string, error: unknown): Outcome {
  const bug = bugOf(error);
  const violation = { invariant: worksInvariant, at: 0, node: null, detail: bug.message };
  const failed = { ...emptyResult, verdict: "fail", violations: [violation] } as const;
  return { result: { scenario, seed, ...failed, wallSeconds: 0 }, bug };
}
