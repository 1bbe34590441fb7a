import { createColors } from "picocolors";
import { exitCodes } from "./exit-codes.ts";
import { loadChecked } from "./load-checked.ts";
import { outputIsTerminal, wantsColour } from "./output.ts";
import { type RunFlags, runRequest, runsOf } from "./request.ts";
import { runMany } from "./run-many.ts";
import { runOne } from "./run-one.ts";

/** `sim run`: the exit code. @throws WrongInput */
export async function runCommand(files: readonly string[], flags: RunFlags): Promise<number> {
  const request = runRequest(files, flags);
  const plans = await loadChecked(files);
  const colours = createColors(wantsColour(process.env, outputIsTerminal()));
  const [plan] = plans;
  if (plan === undefined) return exitCodes.passed;
  return runsOf(request) === 1 ? runOne(request, plan, colours) : runMany(request, plans, colours);
}
