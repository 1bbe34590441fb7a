import { type Choices, parseChoices, replaying } from "../chance/choices.ts";
import { type CorpusFile, parseCorpus } from "../explain/corpus.ts";

import type { RunOptions } from "../run.ts";
import { checkScenario } from "../scenario/check.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { WrongInput } from "./exit-codes.ts";
import { textOf } from "./in-file.ts";
import { loadChecked, problemsText } from "./load-checked.ts";
import { limitsOf, type RunFlags, type RunLimits, runRequest } from "./request.ts";

/** One run that is to be shown again or explained: of a scenario and a seed, or as it was kept. */
export interface Subject {
  /** As the user wrote it. */
  readonly file: string;
  readonly plan: ScenarioPlan;
  readonly seed: string;
  readonly limits: RunLimits;
  /** The id of the bug that is planted; null: none. */
  readonly bug: string | null;
  /** What was kept; null for a scenario. */
  readonly kept: CorpusFile | null;
  /** Null: they follow from the seed. */
  readonly choices: Choices | null;
}

/** What says which run of a scenario is meant; a kept failure knows it by itself. */
export type SubjectFlags = Pick<RunFlags, "seed" | "until" | "clients" | "bug">;

/** Reads a scenario, or a failure that was kept as `.json`. @throws WrongInput */
export async function subjectOf(file: string, flags: SubjectFlags): Promise<Subject> {
  return file.endsWith(".json") ? keptSubject(file, flags) : scenarioSubject(file, flags);
}

/** What it is called where it is complained of. */
export function runText({ file, kept, seed }: Subject): string {
  return kept === null ? `seed ${seed} of ${file}` : file;
}

/** Options that give the run once; each run needs its own. */
export function optionsOf({ limits, choices }: Subject): RunOptions {
  return { ...limits, ...(choices !== null && { tap: replaying(choices) }) };
}

async function scenarioSubject(file: string, flags: SubjectFlags): Promise<Subject> {
  const request = runRequest([file], flags);
  const [plan] = await loadChecked([file]);
  const { seeds, bug } = request;
  const seed = seeds.kind === "one" ? seeds.seed : "1";
  const limits = limitsOf(request);
  return { file, plan: plan as ScenarioPlan, seed, limits, bug, kept: null, choices: null };
}

function keptSubject(file: string, flags: SubjectFlags): Subject {
  const [given] = Object.keys(flags);
  if (given !== undefined) {
    throw new WrongInput(`--${given}: ${file} says that by itself; leave the flag out`);
  }
  const kept = parseCorpus(textOf(file));
  if ("wrong" in kept) throw new WrongInput(`${file}: ${kept.wrong}`);
  const { plan, seed, bug = null, choices: text, until, clients } = kept;
  const problems = checkScenario(plan);
  if (problems.length > 0) throw new WrongInput(problemsText(file, problems));
  const limits = {
    ...(until !== undefined && { until }),
    ...(clients !== undefined && { clients }),
  };
  const choices = text === undefined ? null : parseChoices(text);
  return { file, plan, seed, limits, bug, kept, choices };
}
