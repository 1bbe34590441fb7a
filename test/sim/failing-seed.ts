import { plant } from "../../sim/planted.ts";
import type { ScenarioPlan } from "../../sim/scenario/dsl.ts";
import { simulate } from "../../sim/simulate.ts";

const seedsMost = 300;

/** The first seed of which the scenario fails with this bug. */
export function failingSeed(plan: ScenarioPlan, bug: string): string {
  for (let seed = 1; seed <= seedsMost; seed += 1) {
    const { verdict } = simulate(plan, String(seed), {}, plant(bug));
    if (verdict === "fail") return String(seed);
  }
  throw new Error(`${bug} is not seen in ${seedsMost} seeds of ${plan.name}`);
}
