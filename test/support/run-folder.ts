import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const variable = "SIMSWARM_TEST_RUN";

/** The folder of the run of tests that this process is of. */
export function runFolder(): string {
  const folder = process.env[variable];
  if (folder === undefined) throw new Error("vitest.config.ts makes the folder of a run");
  return folder;
}

/** Writes down what is to end with the run, in a list of it; a bench is no run, and has none. */
export function note(list: string, line: string): void {
  const folder = process.env[variable];
  if (folder !== undefined) appendFileSync(join(folder, list), `${line}\n`);
}

/** The lines of such a list. */
export function notes(list: string): string[] {
  return textOf(join(runFolder(), list)).split("\n").filter(Boolean);
}

/**
 * From now on this process, and whoever it starts, keeps what is temporary in a folder of this run,
 * vitest and its workers too. It goes when the process ends, by a signal or otherwise.
 */
export function makeRunFolder(): void {
  const folder = mkdtempSync(join(tmpdir(), `simswarm-tests-${process.pid}-`));
  process.env[variable] = folder;
  process.env.TMPDIR = folder;
  process.once("exit", () => removeRunFolder(folder));
}

function removeRunFolder(folder: string): void {
  for (const path of mountsIn(folder)) spawnSync("umount", ["--lazy", path]);
  rmSync(folder, { recursive: true, force: true });
}

/** Does this in the place of each run that was killed before it could clear up, which then goes. */
export function forAbandonedRuns(clearUp: () => void): void {
  const own = runFolder();
  for (const name of readdirSync(dirname(own))) {
    const [, pid] = /^simswarm-tests-(\d+)-/.exec(name) ?? [];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    const folder = join(dirname(own), name);
    process.env[variable] = folder;
    clearUp();
    removeRunFolder(folder);
  }
  process.env[variable] = own;
}

/**
 * Kills what the tests of this run have started and not ended, workers of vitest among it, but no
 * engine: those are to be told to stop.
 */
export function killStarted(): void {
  // What is killed may just have started something else.
  for (let round = 0; round < 10; round += 1) {
    const started = pidsOfRun();
    if (started.length === 0) return;
    for (const pid of started) kill(pid);
  }
}

function pidsOfRun(): number[] {
  const mark = `${variable}=${runFolder()}`;
  return pidsOfMachine().filter((pid) => {
    if (pid === process.pid) return false;
    const isOfRun = textOf(`/proc/${pid}/environ`).split("\0").includes(mark);
    return isOfRun && !/^(dockerd|containerd|runc)/.test(textOf(`/proc/${pid}/comm`));
  });
}

/** It may have ended by itself in between. */
function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function pidsOfMachine(): number[] {
  if (!existsSync("/proc")) return [];
  return readdirSync("/proc").map(Number).filter(Boolean);
}

/** Of a process that may be gone; then it is empty. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** The innermost first. */
function mountsIn(folder: string): string[] {
  const places = textOf("/proc/self/mounts")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "");
  return places.filter((place) => place.startsWith(`${folder}/`)).reverse();
}
