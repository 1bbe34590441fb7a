import { exitCodes, WrongInput } from "./exit-codes.ts";
import { loadChecked } from "./load-checked.ts";
import { outputColours } from "./output.ts";
import { type RunFlags, runRequest, runsOf } from "./request.ts";
import { runMany } from "./run-many.ts";
import { runOne } from "./run-one.ts";
import { type ViewFlags, viewRun } from "./view-command.ts";

/** `sim run`: the exit code. @throws WrongInput */
export async function runCommand(
  files: readonly string[],
  flags: RunFlags & ViewFlags,
): Promise<number> {
  if (flags.tui === true) return viewRun(files, flags);
  if (flags.ascii === true) throw new WrongInput("--ascii is for --tui: give both");
  const request = runRequest(files, flags);
  const plans = await loadChecked(files);
  const colours = outputColours();
  const [plan] = plans;
  if (plan === undefined) return exitCodes.passed;
  return runsOf(request) === 1 ? runOne(request, plan, colours) : runMany(request, plans, colours);
}
