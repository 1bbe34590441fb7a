#!/usr/bin/env node
import { CommanderError } from "commander";
import { exitCodes, WrongInput } from "./cli/exit-codes.ts";
import { complain } from "./cli/output.ts";
import { simProgram } from "./cli/program.ts";

/**
 * The `sim` program. Nothing of the simulator is loaded before it is needed, so that help and
 * version are there at once.
 */

async function main(): Promise<number> {
  let code: number = exitCodes.passed;
  const sim = simProgram((ended) => {
    code = ended;
  });
  try {
    if (process.argv.length <= 2) sim.outputHelp();
    else await sim.parseAsync();
    return code;
  } catch (error) {
    return codeOf(error);
  }
}

/** Says what went wrong, if nothing did so yet. */
function codeOf(error: unknown): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.passed : exitCodes.wrongInput;
  }
  if (error instanceof WrongInput) {
    complain(`${error.message}\n`);
    return exitCodes.wrongInput;
  }
  const stack = error instanceof Error ? error.stack : undefined;
  complain(`simswarm has a bug: ${String(error).split("\n")[0]}\n`);
  complain(process.env.SIMSWARM_DEBUG ? `${stack}\n` : "  set SIMSWARM_DEBUG=1 to see where\n");
  return exitCodes.failed;
}

process.on("uncaughtException", (error) => process.exit(codeOf(error)));
process.exit(await main());
