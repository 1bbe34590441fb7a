import type { Planted } from "../../core/base/planted.ts";
import type { RunResult } from "../result.ts";
import type { RunOptions } from "../run.ts";
import { checkScenario } from "../scenario/check.ts";
import type { Action, ScenarioPlan, Span, Step } from "../scenario/dsl.ts";
import { span, spanText } from "../scenario/units.ts";
import { simulate } from "../simulate.ts";
import type { RecoveryStart } from "../world/watch.ts";
import { chaosEndActions } from "./chaos.ts";

/** A run told by what was done in it. */
export interface Explicit {
  /** The same story without chance in it: each fault and each command as a step, with its time. */
  readonly plan: ScenarioPlan;
  /** Of the run from which the steps were taken. */
  readonly result: RunResult;
}

/**
 * Runs a scenario and writes down what was done to the cluster: what chaos did, and whom selectors
 * meant. From the same seed the new plan is the same run, as the streams that chance draws from for
 * the network, the disks and the nodes are others than those that chaos draws from.
 */
export function explicitOf(
  plan: ScenarioPlan,
  seed: string,
  options: RunOptions,
  planted: Planted,
): Explicit {
  const steps: Step[] = [];
  const found: { recovery: RecoveryStart | null } = { recovery: null };
  const observer: RunOptions["observer"] = {
    acted: (action, at) => void steps.push({ at: spanText(at), action }),
    healed: (recovery) => {
      steps.splice(steps.length - recovery.actions.length);
      found.recovery = recovery;
    },
  };
  const result = simulate(plan, seed, { ...options, observer }, planted);
  const { chaos, ...rest } = plan;
  const later = (plan.steps ?? []).filter(({ at }) => span(at) / 1e6 > result.simulatedSeconds);
  const { recovery } = found;
  if (chaos === undefined) return { plan: withSteps(rest, [...steps, ...later]), result };
  const core = recovery === null || plan.core !== undefined ? {} : { core: recovery.core };
  const end = recovery === null ? chaosEnd(chaos.until) : endingOf(recovery);
  const all = [...steps, ...later, ...end].sort((left, right) => span(left.at) - span(right.at));
  return { plan: withSteps({ ...rest, ...core }, all), result };
}

/** What chaos does at its end, for a run that did not come so far. */
function chaosEnd(at: Span): Step[] {
  return chaosEndActions.map((action) => ({ at, action }));
}

/**
 * What was done to those who do not recover; the run heals the others by itself. But one that was
 * paused speaks as soon as it is resumed, which is before some are cut off for good.
 */
function endingOf({ at, core, actions }: RecoveryStart): Step[] {
  const isOwn = (action: Action) => {
    if (action.do === "resume") return false;
    if ("nodes" in action) return core.includes(action.nodes);
    return "conditions" in action || action.do === "unclog";
  };
  const others = actions.filter((action) => !isOwn(action));
  return others.map((action) => ({ at: spanText(at), action }));
}

/** The plan with these steps, except for those that change nothing and would be refused. */
export function withSteps(plan: ScenarioPlan, steps: readonly Step[]): ScenarioPlan {
  let left = steps;
  for (;;) {
    const { steps: _before, ...rest } = plan;
    const next: ScenarioPlan = left.length === 0 ? rest : { ...rest, steps: left };
    const refused = new Set(checkScenario(next).flatMap(({ where }) => stepAt(where) ?? []));
    if (refused.size === 0) return next;
    left = left.filter((_step, at) => !refused.has(at));
  }
}

function stepAt(where: string): number | null {
  const found = /^steps\[(\d+)\]/.exec(where);
  return found === null ? null : Number(found[1]);
}
