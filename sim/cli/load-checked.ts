import { checkScenario } from "../scenario/check.ts";
import type { ScenarioProblem } from "../scenario/check-problem.ts";
import { isScenario, type Scenario, type ScenarioPlan } from "../scenario/dsl.ts";
import { loadScenario, ScenarioLoadError } from "../scenario/load.ts";
import { WrongInput } from "./exit-codes.ts";

/** Loads and checks every file. @throws WrongInput that says what is wrong with all of them */
export async function loadChecked(files: readonly string[]): Promise<ScenarioPlan[]> {
  const plans: ScenarioPlan[] = [];
  const complaints: string[] = [];
  for (const file of files) {
    const loaded = await loadOrComplaint(file);
    if (typeof loaded === "string") {
      complaints.push(loaded);
      continue;
    }
    const problems = checkScenario(loaded);
    if (problems.length > 0) complaints.push(problemsText(file, problems));
    plans.push(loaded);
  }
  if (complaints.length > 0) throw new WrongInput(complaints.join("\n"));
  return plans;
}

/** Every problem of a file, with what to do about it. */
export function problemsText(file: string, problems: readonly ScenarioProblem[]): string {
  const count = `${problems.length} ${problems.length === 1 ? "problem" : "problems"}`;
  const lines = problems.map(({ where, reason, help }) => `  ${where}: ${reason}\n    ${help}`);
  return [`${file}: ${count}`, ...lines].join("\n");
}

async function loadOrComplaint(file: string): Promise<Scenario | string> {
  if (file.endsWith(".json")) {
    return `${file}: a scenario ends in .ts or .js; \`sim replay\` shows a kept failure`;
  }
  try {
    return await loadScenario(file, isScenario);
  } catch (error) {
    if (error instanceof ScenarioLoadError) return error.message;
    throw error;
  }
}
