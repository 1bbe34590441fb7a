#!/usr/bin/env node
import { exitCodeOfError } from "./cli/ended.ts";
import { exitCodes } from "./cli/exit-codes.ts";
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
    return exitCodeOfError(error, complain);
  }
}

process.on("uncaughtException", (error) => process.exit(exitCodeOfError(error, complain)));
main().then((code) => process.exit(code));
