import { AssertionError } from "../../core/base/assert.ts";

const callsShown = 6;

/** An assertion that failed, or an exception that core threw: its node would have ended. */
export function isOfCore(error: unknown): error is Error {
  if (error instanceof AssertionError) return true;
  return error instanceof Error && /[/\\]core[/\\]/.test(framesOf(error)[0] ?? "");
}

/**
 * The calls that led to an error, the innermost first, without what differs from machine to
 * machine.
 */
export function callsOf(error: Error): string[] {
  const calls = framesOf(error).filter((frame) => !/\bassert\b/.test(frame));
  return calls.slice(0, callsShown).map((frame) => `  ${frame.replace(pathBefore, "$1")}`);
}

const pathBefore = /(?<=^at |\()(?:file:\/\/)?\/\S*?\/((?:core|sim)\/)/;

function framesOf({ stack = "" }: Error): string[] {
  return stack.split("\n").flatMap((text) => (/^ +at /.test(text) ? [text.trim()] : []));
}
