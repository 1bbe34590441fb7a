import { ChoiceRecorder, choicesText } from "../chance/choices.ts";
import { type CorpusFile, corpusFormat, corpusText, corpusVersion } from "../explain/corpus.ts";
import { plantedOf } from "../planted.ts";
import type { RunResult } from "../result.ts";
import { type ScenarioPlan, scenario } from "../scenario/dsl.ts";
import { quoted } from "./command-line.ts";
import { commitOf } from "./corpus-folder.ts";
import { checkOutFile, writeOut } from "./out-file.ts";
import { outcomeOf } from "./outcome.ts";
import { complain } from "./output.ts";
import type { RunLimits, RunRequest } from "./request.ts";

/** What is kept of a run that failed, besides its result. */
export interface FailureContext {
  /** The scenario file as the user named it. */
  readonly file: string;
  readonly plan: ScenarioPlan;
  readonly limits: RunLimits;
  readonly bug: string | null;
  /** As `choicesText` writes them; empty where they are not known. */
  readonly choices: string;
}

/** What a run that failed has come to. */
export type FailedRun = Pick<CorpusFile, "seed" | "violation" | "digest">;

/** All that shows a failure again. */
export function keptFailure(failure: FailureContext, run: FailedRun, commit: string): CorpusFile {
  const { file, plan, limits, bug, choices } = failure;
  return {
    ...{ format: corpusFormat, version: corpusVersion, scenario: file, ...run, commit, ...limits },
    ...(choices !== "" && { choices }),
    ...(bug !== null && { bug }),
    plan: scenario(plan),
  };
}

/** Writes a failure to a file that shows it again. Why that could not be, or nothing. */
export function keepFailure(path: string, failure: FailureContext, result: RunResult): string[] {
  const [violation] = result.violations;
  if (violation === undefined) return [];
  const run = { seed: result.seed, violation, digest: result.digest };
  const problem = writeOut("--keep", path, corpusText(keptFailure(failure, run, commitOf())));
  if (problem !== null) return [problem];
  const name = quoted(path);
  complain(`kept in ${path}: 'npx sim shrink ${name}' makes it small\n`);
  return [];
}

/** Runs it once more, to take down its choices, and keeps it. Returns as `keepFailure` does. */
export function keepAgain(
  path: string,
  failed: Omit<FailureContext, "choices">,
  seed: string,
): string[] {
  const { plan, limits, bug } = failed;
  const recorder = new ChoiceRecorder();
  const { result } = outcomeOf(plan, seed, { ...limits, tap: recorder.tap }, plantedOf(bug));
  return keepFailure(path, { ...failed, choices: choicesText(recorder.list()) }, result);
}

/** Refuses at once what could not be kept at the end. @throws WrongInput */
export function checkKeep({ keep, files }: Pick<RunRequest, "keep" | "files">): void {
  const taken = files.map((path) => ({ path, what: "the scenario itself" }));
  if (keep !== null) checkOutFile("--keep", keep, taken);
}

/** For who looks for the file afterwards. */
export function nothingKept(path: string): string {
  return `nothing failed: --keep wrote no ${path}\n`;
}
