import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { RunOptions } from "../../sim/run.ts";
import type { ScenarioPlan } from "../../sim/scenario/dsl.ts";
import { loadScenario } from "../../sim/scenario/load.ts";
import { simulate } from "../../sim/simulate.ts";

const folder = new URL("../../scenarios/", import.meta.url);

/** One run: which scenario, from which seed. */
export interface Row {
  readonly name: string;
  readonly scenario: ScenarioPlan;
  readonly seed: string;
}

/** The names of all scenarios that there are. */
export function scenarioNames(): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".ts"));
  return files.map((file) => file.slice(0, -".ts".length)).sort();
}

/** Every scenario with each of these seeds. */
export async function rowsOf(seeds: readonly string[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const name of scenarioNames()) {
    const file = fileURLToPath(new URL(`${name}.ts`, folder));
    const scenario = await loadScenario<ScenarioPlan>(file);
    rows.push(...seeds.map((seed) => ({ name, scenario, seed })));
  }
  return rows;
}

/** What each run came to, by `name seed`. */
export function digestsOf(rows: readonly Row[], options?: RunOptions): Record<string, string> {
  return Object.fromEntries(
    rows.map(({ name, scenario, seed }) => {
      const { digest, verdict, violations } = simulate(scenario, seed, options);
      const outcome = verdict === "pass" ? digest : `${digest} ${violations[0]?.detail}`;
      return [`${name} ${seed}`, outcome];
    }),
  );
}
