import type { Command } from "commander";
import type { DeterminismFlags } from "./determinism-command.ts";
import type { DiffFlags } from "./diff-command.ts";
import type { ReplayFlags } from "./replay-command.ts";
import type { ShrinkFlags } from "./shrink-command.ts";
import type { ViewFlags } from "./view-command.ts";
import type { WhyFlags } from "./why-command.ts";

/** Adds the commands that explain a run; `ended` is told the exit code of the one that ran. */
export function addExplainCommands(sim: Command, ended: (code: number) => void): void {
  sim
    .command("replay")
    .description("show kept failures again, each from its recorded choices")
    .argument("<file...>", "failures that were kept, .json")
    .option("--json", "print one JSON object for each run, and nothing else")
    .option("--quiet", "print one line for each file, and what failed")
    .option("--report <out>", "write a page that shows the run to this file: open it in a browser")
    .action(async (files: string[], flags: ReplayFlags) => {
      const { replayCommand } = await import("./replay-command.ts");
      ended(await replayCommand(files, flags));
    });
  sim
    .command("watch")
    .description("play a kept failure in this terminal: back and forth, and act on it by hand")
    .argument("<file>", "a failure that was kept, .json")
    .option("--ascii", "draw with ASCII only")
    .action(async (file: string, flags: ViewFlags) => {
      const { viewKept } = await import("./view-command.ts");
      ended(await viewKept(file, flags));
    });
  oneRun(sim, "shrink", "find the smallest story that fails the same, and print it as a scenario")
    .option("--tries <count>", "most runs (default: 1000)")
    .option("--time <span>", "stop after this much time with what there is, such as 30s or 5m")
    .option("--out <file>", "write the scenario to this file")
    .option("--json", "print one JSON object, and nothing else")
    .action(async (file: string, flags: ShrinkFlags) => {
      const { shrinkCommand } = await import("./shrink-command.ts");
      ended(await shrinkCommand(file, flags));
    });
  oneRun(sim, "why", "how likely a failure was as time went on, and which event decided it")
    .option("--points <count>", "moments of the run from which others begin (default: 20)")
    .option("--futures <count>", "runs from each of them (default: 12)")
    .option("--json", "print one JSON object, and nothing else")
    .action(async (file: string, flags: WhyFlags) => {
      const { whyCommand } = await import("./why-command.ts");
      ended(await whyCommand(file, flags));
    });
  sim
    .command("diff")
    .description("the first event at which two runs part, with the state of both sides")
    .argument("<one>", "a kept failure, .json; a scenario and seed, FILE@SEED; or a trace, .ndjson")
    .argument("<other>", "the same")
    .option("--json", "print one JSON object, and nothing else")
    .action(async (one: string, other: string, flags: DiffFlags) => {
      const { diffCommand } = await import("./diff-command.ts");
      ended(await diffCommand(one, other, flags));
    });
  sim
    .command("check-determinism")
    .description(
      "run everything twice in other surroundings, and show the first event that differs",
    )
    .argument("<file...>", "scenario files, or kept failures, .json")
    .option("--seed <text>", 'the seed of the runs (default: "1")')
    .option("--seeds <range>", "these seeds, such as 1..20")
    .option("--every <count>", "events between two checkpoints (default: 1000)")
    .option("--json", "print one JSON object for each run, and nothing else")
    .action(async (files: string[], flags: DeterminismFlags) => {
      const { determinismCommand } = await import("./determinism-command.ts");
      ended(await determinismCommand(files, flags));
    });
}

/** A command about one run that failed. */
function oneRun(sim: Command, name: string, description: string): Command {
  return sim
    .command(name)
    .description(description)
    .argument("<file>", "a failure that was kept, .json, or a scenario file")
    .option("--seed <text>", 'the seed of a scenario\'s run (default: "1")')
    .option("--until <span>", "stop the run after this much simulated time, such as 90s or 5m")
    .option("--clients <count>", "so many clients, 0 to 100, in place of the scenario's")
    .option("--bug <id>", "plant a bug first, such as R04, to see how it is explained");
}
