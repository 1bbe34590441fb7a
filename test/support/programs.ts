import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What a program of ours has said, and what it ended with. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `swarmd` or `swarmctl` as a process until it ends; `input` is its standard input. */
export function ran(
  program: "swarmd" | "swarmctl",
  words: readonly string[],
  input = "",
): Promise<Said> {
  const path = fileURLToPath(new URL(`../../dist/real/${program}.js`, import.meta.url));
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [path, ...words], (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err });
    });
    child.stdin?.end(input);
  });
}
