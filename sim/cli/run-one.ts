import type { Colors } from "picocolors/types.js";
import { ChoiceRecorder, choicesText } from "../chance/choices.ts";
import { Evidence } from "../explain/evidence.ts";
import { plantedOf } from "../planted.ts";
import type { RunResult, StoryLine } from "../result.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { type RunObserver, together } from "../world/watch.ts";
import { commandFor } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";
import { jsonText } from "./json.ts";
import { checkKeep, keepFailure, nothingKept } from "./keep-failure.ts";
import { OutFiles } from "./out-files.ts";
import { bugText, outcomeOf } from "./outcome.ts";
import { complain, print } from "./output.ts";
import { headText, quietText, reportText } from "./report.ts";
import { limitsOf, type RunRequest, seedAt } from "./request.ts";
import { storyText } from "./story.ts";

/** One run, told as it happens. The exit code. @throws WrongInput */
export async function runOne(
  request: RunRequest,
  plan: ScenarioPlan,
  colours: Colors,
): Promise<number> {
  const { files, seeds, json, quiet } = request;
  const seed = seedAt(seeds, 0);
  const [file = ""] = files;
  const command = commandFor(file, seed, request);
  checkKeep(request);
  const out = new OutFiles(request, plan);
  const isTold = !json && !quiet;
  if (isTold) print(headText(plan, seed, colours));
  const watching = out.observer();
  const story = (line: StoryLine) => {
    print(storyText(line, colours));
    watching.story?.(line);
  };
  const evidence = new Evidence();
  const watch = together([
    evidence.watch,
    ...(watching.watch === undefined ? [] : [watching.watch]),
  ]);
  const observer: RunObserver = { ...watching, watch, ...(isTold && { story }) };
  const limits = limitsOf(request);
  const recorder = new ChoiceRecorder();
  const tap = request.keep === null ? {} : { tap: recorder.tap };
  const planted = plantedOf(request.bug);
  const outcome = outcomeOf(plan, seed, { ...limits, observer, ...tap }, planted);
  const { bug } = outcome;
  const result = evidence.explained(outcome.result);
  const problems = await out.finish(result, command);
  if (request.keep !== null) {
    const failure = { file, plan, limits, bug: request.bug, choices: choicesText(recorder.list()) };
    problems.push(...keepFailure(request.keep, failure, result));
    if (result.verdict === "pass") complain(nothingKept(request.keep));
  }

  printResult(request, result, command, colours);
  if (bug !== null) complain(bugText(bug, `${file}, seed ${seed}`));
  for (const problem of problems) complain(`${problem}\n`);
  if (result.verdict === "fail") return exitCodes.failed;
  return problems.length === 0 ? exitCodes.passed : exitCodes.wrongInput;
}

function printResult(
  { files: [file = ""], json, quiet }: RunRequest,
  result: RunResult,
  command: string,
  colours: Colors,
): void {
  if (json) print(jsonText(result, file, command));
  else if (quiet) print(quietText(result, command, colours));
  else print(reportText(result, command, colours));
}
