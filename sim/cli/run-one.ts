import type { Colors } from "picocolors/types.js";
import { ChoiceRecorder, choicesText } from "../chance/choices.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { commandFor } from "./command-line.ts";
import { checkKeep, keepFailure, nothingKept } from "./keep-failure.ts";
import { OutFiles } from "./out-files.ts";
import { complain } from "./output.ts";
import { limitsOf, type RunRequest, seedAt } from "./request.ts";
import { exitCodeOfRun, tellRun } from "./tell-run.ts";

/** One run, told as it happens. The exit code. @throws WrongInput */
export async function runOne(
  request: RunRequest,
  plan: ScenarioPlan,
  colours: Colors,
): Promise<number> {
  const { files, seeds, keep, bug, clients } = request;
  const seed = seedAt(seeds, 0);
  const [file = ""] = files;
  const limits = limitsOf(request);
  checkKeep(request);
  const taken = { path: file, what: "the scenario itself" };
  const out = new OutFiles(request, clients ?? plan.clients ?? 0, plan, taken);
  const recorder = new ChoiceRecorder();
  const options = { ...limits, ...(keep !== null && { tap: recorder.tap }) };
  const command = commandFor(file, seed, request);
  const told = await tellRun({ ...request, file, plan, seed, options, command }, out, colours);
  if (keep !== null) {
    const failure = { file, plan, limits, bug, choices: choicesText(recorder.list()) };
    told.problems.push(...keepFailure(keep, failure, told.result));
    if (told.result.verdict === "pass") complain(nothingKept(keep));
  }
  return exitCodeOfRun(told);
}
