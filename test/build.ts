import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stopDocker } from "./support/docker.ts";

/**
 * Brings `dist` up to date before the first test, for those that start the programs themselves.
 * It costs a second where nothing has changed. Afterwards, or when a signal comes before, what the
 * tests started together is stopped.
 */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "simswarm-tests-"));
  process.env.SIMSWARM_TEST_RUN = folder;
  build();
  const end = () => {
    stopDocker();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of signals) {
    process.once(signal, () => {
      end();
      process.exit(1);
    });
  }
  return end;
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
