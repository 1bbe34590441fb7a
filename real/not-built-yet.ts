/** Says that `program` is a name without a program so far, and ends the process with 1. */
export function notBuiltYet(program: string): void {
  process.stderr.write(`${program}: not built yet, see the README\n`);
  process.exitCode = 1;
}
