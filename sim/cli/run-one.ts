import type { Colors } from "picocolors/types.js";
import { jepsenHistory } from "../jepsen.ts";
import type { RunObserver, RunResult } from "../result.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { commandFor } from "./command-line.ts";
import { exitCodes, WrongInput } from "./exit-codes.ts";
import { jsonText } from "./json.ts";
import { OutFile } from "./out-file.ts";
import { bugText, outcomeOf } from "./outcome.ts";
import { complain, print } from "./output.ts";
import { headText, quietText, reportText } from "./report.ts";
import { limitsOf, type RunRequest, seedAt } from "./request.ts";
import { storyText } from "./story.ts";

/** One run, told as it happens. The exit code. @throws WrongInput */
export function runOne(request: RunRequest, plan: ScenarioPlan, colours: Colors): number {
  const { files, seeds, json, quiet } = request;
  const seed = seedAt(seeds, 0);
  const { trace, history } = openFiles(request, plan);
  const isTold = !json && !quiet;
  if (isTold) print(headText(plan, seed, colours));
  const observer: RunObserver = {
    ...(isTold && { story: (line) => print(storyText(line, colours)) }),
    ...(trace !== null && { trace: (line) => trace.write(`${line}\n`) }),
    ...(history !== null && { clients: (events) => history.write(jepsenHistory(events)) }),
  };
  const { result, bug } = outcomeOf(plan, seed, { ...limitsOf(request), observer });
  trace?.close();
  history?.close();

  const [file = ""] = files;
  printResult(request, result, commandFor(file, seed, request), colours);
  if (bug !== null) complain(bugText(bug, `${file}, seed ${seed}`));
  const problems = [trace?.problem, history?.problem].filter((problem) => problem != null);
  for (const problem of problems) complain(`${problem}\n`);
  if (result.verdict === "fail") return exitCodes.failed;
  return problems.length === 0 ? exitCodes.passed : exitCodes.wrongInput;
}

function openFiles(
  { files, trace, history, clients }: RunRequest,
  plan: ScenarioPlan,
): { trace: OutFile | null; history: OutFile | null } {
  if (history !== null && (clients ?? plan.clients ?? 0) === 0) {
    throw new WrongInput(`--history ${history}: there are no clients; add --clients 4, say`);
  }
  const inputs = files.map((path) => ({ path, what: "the scenario itself" }));
  const outputs = trace === null ? [] : [{ path: trace, what: "the trace" }];
  return {
    trace: trace === null ? null : new OutFile("--trace", trace, inputs),
    history: history === null ? null : new OutFile("--history", history, [...inputs, ...outputs]),
  };
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
