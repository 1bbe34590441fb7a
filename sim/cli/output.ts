import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { createColors } from "picocolors";
import type { Colors } from "picocolors/types.js";
import { exitCodes } from "./exit-codes.ts";
import { writeFailure } from "./out-file.ts";

/**
 * Standard output and error, written at once: a run does not give way to the event loop, and what
 * is printed must be out when the process ends. When nobody reads any more, the process ends.
 */

const stdout = 1;
const stderr = 2;
const retryMs = 5;

export function print(text: string): void {
  writeAll(stdout, text);
}

export function complain(text: string): void {
  writeAll(stderr, text);
}

export function errorIsTerminal(): boolean {
  return isatty(stderr);
}

/** Colours for standard output, or none. */
export function outputColours(): Colors {
  return createColors(wantsColour(process.env, isatty(stdout)));
}

/** True when colour is wanted: on a terminal, or by force; never against NO_COLOR. */
export function wantsColour(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  const { NO_COLOR = "", FORCE_COLOR, TERM } = env;
  if (NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return isTerminal && TERM !== "dumb";
}

/** The exit code of many runs; says so when these were not all. */
export function endCode(isInterrupted: boolean, hasFailed: boolean): number {
  if (!isInterrupted) return hasFailed ? exitCodes.failed : exitCodes.passed;
  complain("interrupted: this is what had been run\n");
  return exitCodes.interrupted;
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(file, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") process.exit(exitCodes.brokenPipe);
      if (code === "ENOSPC" || code === "EIO") endWithout(file, writeFailure(error));
      if (code !== "EAGAIN") throw error;
      // The reader is slow and the pipe does not block: wait for it.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
    }
  }
}

/** Nothing more can be printed: says so on the other stream, if it can. */
function endWithout(file: number, reason: string): never {
  if (file === stdout) complain(`what was to be printed can't be written: ${reason}\n`);
  process.exit(exitCodes.wrongInput);
}
