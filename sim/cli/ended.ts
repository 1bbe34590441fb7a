import { CommanderError } from "commander";
import { bugOf, bugText } from "./bug.ts";
import { exitCodes, WrongInput } from "./exit-codes.ts";

/** The exit code of a program that an error ends; says what went wrong, if nothing did so yet. */
export function exitCodeOfError(error: unknown, say: (text: string) => void): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.passed : exitCodes.wrongInput;
  }
  if (error instanceof WrongInput) {
    say(`${printable(error.message)}\n`);
    return exitCodes.wrongInput;
  }
  say(bugText(bugOf(error)));
  return exitCodes.failed;
}

/** What was in a user's file can't move the cursor. */
function printable(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, " ");
}
