import type { Command } from "commander";
import type { Duration } from "../../../core/base/time.ts";
import { runView } from "../../../tui/launch/view-process.ts";
import { spanText } from "../../wire/readable.ts";

const about = `watch the cluster live, in this terminal

Goes on with another manager when the one it follows is gone: with those named here, those kept as
contexts, and, with --identity, those that the cluster itself knows of.`;

const passedOn = ["socket", "context", "identity"] as const;

type TopFlags = { readonly [Flag in (typeof passedOn)[number]]?: string } & {
  readonly timeout: Duration;
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

/** The exit code. */
function top(managers: readonly string[], flags: TopFlags): Promise<number> {
  const words = passedOn.flatMap((flag) =>
    flags[flag] === undefined ? [] : [`--${flag}=${flags[flag]}`],
  );
  const timeout = `--timeout=${spanText(flags.timeout)}`;
  const ascii = flags.ascii === true ? ["--ascii"] : [];
  return runView(["top", ...words, timeout, ...ascii, "--", ...managers]);
}
