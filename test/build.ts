import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Brings `dist` up to date before the first test, for those that start the programs themselves.
 * It costs a second where nothing has changed.
 */
export function setup(): void {
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
