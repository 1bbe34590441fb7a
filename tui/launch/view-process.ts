import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

/** Back from the alternate screen, with a cursor and without colours (xterm, 1049 and 25). */
export const leaveScreen = "\u001b[?1049l\u001b[?25h\u001b[0m";

const program = fileURLToPath(new URL("../main.js", import.meta.url));

/**
 * Shows the view in this process's terminal, as a program of its own that is told these words: so
 * `sim` and `swarmctl` start it. Signals go on to it. Resolves with its exit code; where a signal
 * has killed it, with 128 and the number of that, and the terminal is put back from here.
 */
export function runView(words: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [program, ...words], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (signal !== null) restoreTerminal();
      resolve(code ?? 128 + constants.signals[signal ?? "SIGTERM"]);
    });
  });
}

function restoreTerminal(): void {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return;
  process.stdout.write(leaveScreen);
  spawnSync("stty", ["sane"], { stdio: "inherit" });
}
