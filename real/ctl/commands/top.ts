import { spawn } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";

const about = `watch the cluster live, in this terminal

Goes on with another manager when the one it follows is gone: with those named here, those kept as
contexts, and, with --identity, those that the cluster itself knows of.`;

const passedOn = ["socket", "context", "identity", "timeout"] as const;

type TopFlags = { readonly [Flag in (typeof passedOn)[number]]?: string } & {
  readonly ascii?: true;
};

export function topCommand(program: Command): void {
  program
    .command("top [manager...]")
    .summary("watch the cluster live")
    .description(about)
    .option("--ascii", "draw with ASCII only")
    .action(async (managers: readonly string[], _: object, command: Command) => {
      process.exitCode = await top(managers, command.optsWithGlobals<TopFlags>());
    });
}

/** The view is a program of its own, in this one's terminal; its exit code is this one's. */
function top(managers: readonly string[], flags: TopFlags): Promise<number> {
  const words = passedOn.flatMap((flag) =>
    flags[flag] === undefined ? [] : [`--${flag}=${flags[flag]}`],
  );
  const ascii = flags.ascii === true ? ["--ascii"] : [];
  const program = fileURLToPath(new URL("../../../tui/main.js", import.meta.url));
  const args = [program, "top", ...words, ...ascii, "--", ...managers];
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      resolve(code ?? 128 + constants.signals[signal ?? "SIGTERM"]);
    });
  });
}
