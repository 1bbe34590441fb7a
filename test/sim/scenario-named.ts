import { fileURLToPath } from "node:url";
import type { ScenarioPlan } from "../../sim/scenario/dsl.ts";
import { loadScenario } from "../../sim/scenario/load.ts";

/** One of the scenarios that come with the simulator. */
export async function scenarioNamed(name: string): Promise<ScenarioPlan> {
  const file = new URL(`../../scenarios/${name}.ts`, import.meta.url);
  return await loadScenario<ScenarioPlan>(fileURLToPath(file));
}
