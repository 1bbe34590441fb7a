import { withSteps } from "../faults/explicit.ts";
import { checkScenario } from "../scenario/check.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { machineNames, withoutMachines } from "./machines.ts";

/**
 * The plan, without steps and expectations that make no sense in it; null when it makes none. What
 * cannot come about must not be taken for a failure: there is room for every service on the
 * machines that must recover.
 */
export function soundPlan(plan: ScenarioPlan): ScenarioPlan | null {
  const inSteps = withSteps(plan, plan.steps ?? []);
  const refused = new Set(checkScenario(inSteps).map(({ where }) => where));
  const expect = inSteps.expect.filter((_each, at) => !hasStart(refused, `expect[${at}]`));
  const sound = { ...inSteps, expect };
  if (checkScenario(sound).length > 0) return null;
  return hasRoomInCore(sound) ? sound : null;
}

function hasStart(places: ReadonlySet<string>, start: string): boolean {
  return [...places].some((place) => place.startsWith(start));
}

function hasRoomInCore(plan: ScenarioPlan): boolean {
  const { core, ...rest } = plan;
  if (core === undefined) return true;
  const gone = new Set(machineNames(plan).filter((name) => !core.includes(name)));
  const left = withoutMachines({ ...rest, expect: [] }, gone);
  return checkScenario(withSteps(left, left.steps ?? [])).length === 0;
}
