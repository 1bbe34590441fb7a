#!/usr/bin/env node
import { RefusedError } from "./api/patience.ts";
import { adviceOn } from "./ctl/advice.ts";
import { plainText } from "./ctl/output.ts";
import { plainFlags } from "./ctl/plain-flags.ts";
import { swarmctlProgram } from "./ctl/program.ts";
import { failureText } from "./grpc/failure.ts";
import { troubleOf } from "./text-file.ts";

const program = swarmctlProgram({
  env: process.env,
  out: (content) => process.stdout.write(content),
  err: (text) => process.stderr.write(text),
  isTerminal: process.stdout.isTTY === true && process.env.TERM !== "dumb",
  now: Date.now,
});

/** A reader that has ended, such as `head`, wants no more; a full disk is another matter. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(`swarmctl: can't write what was asked for: ${troubleOf(error)}\n`);
  process.exit(1);
});
program.parseAsync(plainFlags(program, process.argv.slice(2)), { from: "user" }).catch((error) => {
  const prefix = error instanceof RefusedError ? `refused (${error.code}): ` : "";
  const complaint = plainText(`${prefix}${failureText(error)}${adviceOn(error)}`);
  process.stderr.write(`swarmctl: ${complaint}\n`);
  process.exitCode = 1;
});
