import { writeFileSync } from "node:fs";
import { type CorpusFile, corpusFormat, corpusText, corpusVersion } from "../corpus.ts";
import type { RunResult } from "../result.ts";
import { type ScenarioPlan, scenario } from "../scenario/dsl.ts";
import { commitOf } from "./corpus-folder.ts";
import { reasonOf } from "./out-file.ts";
import type { RunLimits } from "./request.ts";

/** What is kept of a run that failed, besides its result. */
export interface Failure {
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
export function keptFailure(failure: Failure, run: FailedRun, commit: string): CorpusFile {
  const { file, plan, limits, bug, choices } = failure;
  return {
    ...{ format: corpusFormat, version: corpusVersion, scenario: file, ...run, commit, ...limits },
    ...(choices !== "" && { choices }),
    ...(bug !== null && { bug }),
    plan: scenario(plan),
  };
}

/** Writes a failure to a file, from which it can be shown again. Null, or why it could not be. */
export function keepFailure(path: string, failure: Failure, result: RunResult): string | null {
  const [violation] = result.violations;
  if (violation === undefined) return null;
  const run = { seed: result.seed, violation, digest: result.digest };
  try {
    writeFileSync(path, corpusText(keptFailure(failure, run, commitOf())));
    return null;
  } catch (error) {
    return `--keep ${path}: ${reasonOf(error)}`;
  }
}
