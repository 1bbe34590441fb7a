import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stopDocker } from "./support/docker.ts";

/**
 * Brings `dist` up to date before the first test, for those that start the programs themselves.
 * It costs a second where nothing has changed. Afterwards what the tests started together is
 * stopped.
 */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "simswarm-tests-"));
  process.env.SIMSWARM_TEST_RUN = folder;
  build();
  return () => {
    stopDocker();
    rmSync(folder, { recursive: true, force: true });
  };
}

function build(): void {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const { status, stdout } = spawnSync("npm", ["run", "--silent", "build"], {
    cwd: root,
    encoding: "utf8",
  });
  if (status === 0) return;
  const complaint = `the build failed:\n${stdout}`;
  if (!existsSync(`${root}/dist/sim/cli.js`)) throw new Error(complaint);
  // Types are checked by themselves; a test of something else need not wait for them.
  console.warn(complaint);
}
