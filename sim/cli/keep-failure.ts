import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Choices, choicesText } from "../choices.ts";
import { type CorpusFile, corpusFormat, corpusText, corpusVersion } from "../corpus.ts";
import type { RunResult } from "../result.ts";
import { type ScenarioPlan, scenario } from "../scenario/dsl.ts";
import { reasonOf } from "./out-file.ts";
import type { RunLimits } from "./request.ts";

/** What is kept of a run that failed, besides its result. */
export interface Failure {
  /** The scenario file as the user named it. */
  readonly file: string;
  readonly plan: ScenarioPlan;
  readonly limits: RunLimits;
  readonly bug: string | null;
  readonly choices: Choices;
}

/** Writes a failure to a file, from which it can be shown again. Null, or why it could not be. */
export function keepFailure(path: string, failure: Failure, result: RunResult): string | null {
  const [violation] = result.violations;
  if (violation === undefined) return null;
  const { file, plan, limits, bug, choices } = failure;
  const kept: CorpusFile = {
    ...{ format: corpusFormat, version: corpusVersion, scenario: file, seed: result.seed },
    ...{ violation, commit: commit(), digest: result.digest, ...limits },
    choices: choicesText(choices),
    ...(bug !== null && { bug }),
    plan: scenario(plan),
  };
  try {
    writeFileSync(path, corpusText(kept));
    return null;
  } catch (error) {
    return `--keep ${path}: ${reasonOf(error)}`;
  }
}

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Of simswarm: what git says of it, or the version of the package. */
function commit(): string {
  const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  try {
    const args = ["-C", root, "describe", "--always", "--dirty"];
    return execFileSync("git", args, { encoding: "utf8", stdio: "pipe" }).trim() || version;
  } catch {
    return version;
  }
}
