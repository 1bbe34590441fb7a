#!/usr/bin/env node
import { RefusedError, UnavailableError } from "./api/patience.ts";
import { swarmctlProgram } from "./ctl/program.ts";

const program = swarmctlProgram({
  env: process.env,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isTerminal: process.stdout.isTTY === true,
  now: Date.now,
});

/** What to do about it, where the error does not say so itself. */
function advice(error: unknown): string {
  if (!(error instanceof UnavailableError) || error.isThere) return "";
  return (
    "\nIs swarmd running, and is this its socket? Name another with --socket or --context; " +
    "'swarmctl context ls' lists those you keep."
  );
}

function textOf(error: unknown): string {
  return (error as Error).message.replace(/ Resolution note: $/, "");
}

process.stdout.on("error", () => process.exit(0));
try {
  await program.parseAsync();
} catch (error) {
  const prefix = error instanceof RefusedError ? `refused (${error.code}): ` : "";
  process.stderr.write(`swarmctl: ${prefix}${textOf(error)}${advice(error)}\n`);
  process.exitCode = 1;
}
