import type { Colors } from "picocolors/types.js";
import { Evidence } from "../explain/evidence.ts";
import { plantedOf } from "../planted.ts";
import type { RunResult, StoryLine } from "../result.ts";
import type { RunOptions } from "../run.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { together } from "../world/watch.ts";
import { bugText } from "./bug.ts";
import { exitCodes } from "./exit-codes.ts";
import { jsonText } from "./json.ts";
import type { OutFiles } from "./out-files.ts";
import { outcomeOf } from "./outcome.ts";
import { complain, print } from "./output.ts";
import { headText, quietText, reportText } from "./report.ts";
import { storyText } from "./story.ts";

/** One run that is to be told. */
export interface ToldRun {
  /** As the user wrote it. */
  readonly file: string;
  readonly plan: ScenarioPlan;
  readonly seed: string;
  readonly options: RunOptions;
  /** The id of the bug to plant; null: none. */
  readonly bug: string | null;
  /** What shows it again. */
  readonly command: string;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What it came to, and why not all that was asked for could be written, if so. */
export interface ToldResult {
  readonly result: RunResult;
  readonly problems: string[];
}

/** Tells a run as it happens, and writes the files that were asked for. */
export async function tellRun(run: ToldRun, files: OutFiles, colours: Colors): Promise<ToldResult> {
  const { file, plan, seed, options, bug, command, json, quiet } = run;
  const isTold = !json && !quiet;
  if (isTold) print(headText(plan, seed, colours));
  const evidence = new Evidence();
  const { watch, story: noted, ...others } = files.observer();
  const story = (line: StoryLine) => {
    if (isTold) print(storyText(line, colours));
    noted?.(line);
  };
  const observer = {
    ...others,
    watch: together([evidence.watch, ...(watch === undefined ? [] : [watch])]),
    ...((isTold || noted !== undefined) && { story }),
  };
  const outcome = outcomeOf(plan, seed, { ...options, observer }, plantedOf(bug));
  const result = evidence.explained(outcome.result);
  const problems = await files.finish(result, command);
  if (json) print(jsonText(result, file, command));
  else print((quiet ? quietText : reportText)(result, command, colours));
  if (outcome.bug !== null) complain(bugText(outcome.bug, `${file}, seed ${seed}`));
  return { result, problems };
}

/** Says what could not be written: the exit code. */
export function exitCodeOfRun({ result, problems }: ToldResult): number {
  for (const problem of problems) complain(`${problem}\n`);
  if (result.verdict === "fail") return exitCodes.failed;
  return problems.length === 0 ? exitCodes.passed : exitCodes.wrongInput;
}
