import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { stopDocker } from "./support/docker.ts";
import { removeMachines } from "./support/machines.ts";
import { forAbandonedRuns, killStarted } from "./support/run-folder.ts";

/**
 * Brings `dist` up to date before the first test, for those that start the programs themselves.
 * It costs a second where nothing has changed. Afterwards, or when a signal comes before, whatever
 * the tests have started and not ended themselves is ended: daemons before their engines, which
 * they would go on to ask for containers and networks. So is what a run that was killed has left.
 */
export function setup(): () => void {
  forAbandonedRuns(endStarted);
  build();
  for (const signal of signals) {
    process.once(signal, () => {
      endStarted();
      process.exit(1);
    });
  }
  return end;
}

function endStarted(): void {
  killStarted();
  end();
}

function end(): void {
  stopDocker();
  removeMachines();
}

/** Engines have sessions of their own: what ends the tests does not reach them. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function build(): void {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const { status, stdout } = spawnSync("npm", ["run", "--silent", "build"], {
    cwd: root,
    encoding: "utf8",
  });
  if (status === 0) return;
  const complaint = `the build failed:\n${stdout}`;
  if (!existsSync(`${root}/dist/bin/sim.js`)) throw new Error(complaint);
  // Types are checked by themselves; a test of something else need not wait for them.
  console.warn(complaint);
}
