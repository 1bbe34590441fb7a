import { type ChildProcess, execFile, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What a program of ours has said, and what it ended with. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

type Program = "swarmd" | "swarmctl";

/** As they are installed. */
const files = { swarmd: "swarmd.js", swarmctl: "swarmctl.sh" } as const;

export function pathOf(program: Program): string {
  return fileURLToPath(new URL(`../../dist/bin/${files[program]}`, import.meta.url));
}

/** Runs `swarmd` or `swarmctl` as a process until it ends; `input` is its standard input. */
export function ran(program: Program, words: readonly string[], input = ""): Promise<Said> {
  return new Promise((resolve) => {
    const child = execFile(pathOf(program), words, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err });
    });
    child.stdin?.end(input);
  });
}

/** One that runs, what it has written so far, and with what it ends. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  out: string;
}

/** Starts it, and does not wait for its end. */
export function running(
  program: Program,
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Running {
  const options = { env: { ...process.env, ...env } };
  const child = spawn(pathOf(program), words, options);
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const started: Running = { child, ended, out: "" };
  child.stdout.on("data", (bytes) => {
    started.out += bytes;
  });
  return started;
}
