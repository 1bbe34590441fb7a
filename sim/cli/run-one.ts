import type { Colors } from "picocolors/types.js";
import type { RunObserver, RunOptions } from "../result.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { commandFor } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";
import { jsonText } from "./json.ts";
import { bugText, outcomeOf } from "./outcome.ts";
import { complain, print } from "./output.ts";
import { headText, quietText, reportText } from "./report.ts";
import { type RunRequest, seedAt } from "./request.ts";
import { storyText } from "./story.ts";
import { TraceFile } from "./trace-file.ts";

/** One run, told as it happens. The exit code. */
export function runOne(request: RunRequest, plan: ScenarioPlan, colours: Colors): number {
  const { files, seeds, until, json, quiet } = request;
  const seed = seedAt(seeds, 0);
  const trace = request.trace === null ? null : new TraceFile(request.trace, files);
  const isTold = !json && !quiet;
  if (isTold) print(headText(plan, seed, colours));
  const observer: RunObserver = {
    ...(isTold && { story: (line) => print(storyText(line, colours)) }),
    ...(trace !== null && { trace: (line) => trace.line(line) }),
  };
  const options: RunOptions = { observer, ...(until !== null && { until: until.us }) };
  const { result, bug } = outcomeOf(plan, seed, options);
  trace?.close();

  const [file = ""] = files;
  const command = commandFor(file, seed, until);
  if (json) print(jsonText(result, file, command));
  else if (quiet) print(quietText(result, command, colours));
  else print(reportText(result, command, colours));
  if (bug !== null) complain(bugText(bug, `${file}, seed ${seed}`));
  if (result.verdict === "fail") return exitCodes.failed;
  if (trace === null || trace.problem === null) return exitCodes.passed;
  complain(`${trace.problem}\n`);
  return exitCodes.wrongInput;
}
