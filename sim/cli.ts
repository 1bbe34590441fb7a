#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import type { BugsFlags } from "./cli/bugs-request.ts";
import { exitCodes, WrongInput } from "./cli/exit-codes.ts";
import { addExplainCommands } from "./cli/explain-commands.ts";
import type { ExploreFlags } from "./cli/explore-request.ts";
import { complain, print } from "./cli/output.ts";
import type { RunFlags } from "./cli/request.ts";

/**
 * The `sim` program: reads the command line. Nothing of the simulator is loaded before it is
 * needed, so that help and version are there at once.
 */

const examples = `
Examples:
  sim run scenarios/partition.ts                     tell one run, and check it
  sim run scenarios/*.ts --seeds 1..200 --quiet      one line for each scenario
  sim run scenarios/partition.ts --seed 7 --trace events.ndjson
  sim run scenarios/partition.ts --seed 7 --report report.html
  sim run scenarios/partition.ts --seed 7 --tui      play it: back and forth, and act on it
  sim run scenarios/clients.ts --seed 7 --history history.edn
  sim explore scenarios/*.ts --time 8h               hunt all night, on every core
  sim explore scenarios/every-fault.ts --seeds 80000 --shard 2/8 --json > 2.json
  sim merge 1.json 2.json                            join what the shards have found
  sim liveness --seeds 1000                          recovery of Raft: p50, p99, max, bound
  sim bugs --only R06,S01                            what catches these bugs, and how soon
  sim run my-scenario.ts --seed 8 --keep failure.json
  sim shrink failure.json --out small.ts             the smallest story that fails the same
  sim why failure.json                               which event decided it
  sim bugs --benign                                  what is harmless must raise no alarm

Exit codes: 0 passed, 1 a property broke, 2 wrong input, 130 interrupted, 141 nobody reads on.`;

interface Actions {
  readonly run: (files: string[], flags: RunFlags) => Promise<void>;
  readonly liveness: (flags: { seeds?: string }) => Promise<void>;
  readonly bugs: (flags: BugsFlags) => Promise<void>;
  readonly explore: (files: string[], flags: ExploreFlags) => Promise<void>;
  readonly merge: (files: string[], flags: { json?: boolean }) => Promise<void>;
}

function program(actions: Actions): Command {
  const sim = new Command("sim")
    .description("Runs chaos scenarios on a simulated cluster and checks every invariant.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: complain })
    .addHelpText("after", examples);
  sim
    .command("run")
    .description("run scenarios, each from one seed or from many")
    .argument("<file...>", "scenario files")
    .option("--seed <text>", 'the seed of the run (default: "1")')
    .option("--seeds <range>", "one run for each seed of a range, such as 1..200")
    .option("--until <span>", "stop after this much simulated time, such as 90s or 5m")
    .option("--clients <count>", "so many clients, 0 to 100, in place of the scenario's")
    .option("--json", "print one JSON object for each run, and nothing else")
    .option("--trace <out>", "write every event of the run to this file, one JSON object a line")
    .option("--trace-format <format>", "ndjson, tla for etcd's TLA+ traces, chrome for Perfetto")
    .option("--report <out>", "write a page that shows the run to this file: open it in a browser")
    .option(
      "--history <out>",
      "write what clients asked and were told to this file, as Jepsen does",
    )
    .option("--keep <out>", "write a run that fails to this file, with every choice of chance")
    .option("--bug <id>", "plant a bug first, such as R04, to see it caught")
    .option("--quiet", "print one line for each file, and what failed")
    .option("--tui", "play the run in this terminal: back and forth, and act on it by hand")
    .option("--ascii", "with --tui: draw with ASCII only")
    .action(actions.run);
  sim
    .command("explore")
    .description("hunt: every run draws faults of its own, and those that get far breed others")
    .argument("<file...>", "scenario files")
    .option("--seeds <count>", "how many runs, all shards together (default: 1000)")
    .option("--time <span>", "stop after this time, such as 10m or 8h")
    .option("--first-seed <number>", "the seed of the first run (default: 1)")
    .option("--jobs <count>", "how many threads (default: one for each core)")
    .option("--shard <i/n>", "do this part of all runs, such as 2/8; sim merge joins the parts")
    .option("--corpus <folder>", "where failures are kept, each as a file (default: corpus)")
    .option("--all-situations", "fail unless every rare situation of the board was reached")
    .option("--json", "print the findings as one JSON object, and nothing else")
    .action(actions.explore);
  sim
    .command("merge")
    .description("join what the shards of one exploration have found")
    .argument("<file...>", "what sim explore --shard --json has printed")
    .option("--json", "print the findings as one JSON object, and nothing else")
    .action(actions.merge);
  sim
    .command("liveness")
    .description("measure how long a healed core of Raft members takes to a leader and a commit")
    .option("--seeds <count>", "how many seeds (default: 10000)")
    .action(actions.liveness);
  sim
    .command("bugs")
    .description("plant every bug, and see that the invariant it must break catches it")
    .option("--only <ids>", "these bugs only, such as R06,S01")
    .option("--tries <count>", "independent tries of each bug (default: 20)")
    .option("--seeds <count>", "most seeds of a try (default: 1000); of --benign also a range")
    .option("--no-shrink", "do not look how few steps each bug needs")
    .option("--markdown", "print the table as Markdown, as in docs/planted-bugs.md")
    .option("--results <file>", "show the table of what hunts have printed with --json")
    .option("--benign", "run harmless changes, which must raise no alarm (10000 seeds each)")
    .option("--json", "print one JSON object for each row as soon as it is done, and nothing else")
    .action(actions.bugs);
  return sim;
}

function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return JSON.parse(text).version;
}

async function main(): Promise<number> {
  let code: number = exitCodes.passed;
  const sim = program({
    run: async (files, flags) => {
      const { runCommand } = await import("./cli/run-command.ts");
      code = await runCommand(files, flags);
    },
    liveness: async (flags) => {
      const { livenessCommand } = await import("./cli/liveness-command.ts");
      code = await livenessCommand(flags);
    },
    explore: async (files, flags) => {
      const { exploreCommand } = await import("./cli/explore-command.ts");
      code = await exploreCommand(files, flags);
    },
    merge: async (files, flags) => {
      const { mergeCommand } = await import("./cli/merge-command.ts");
      code = mergeCommand(files, flags);
    },
    bugs: async (flags) => {
      const { bugsCommand } = await import("./cli/bugs-command.ts");
      code = await bugsCommand(flags);
    },
  });
  addExplainCommands(sim, (ended) => {
    code = ended;
  });
  try {
    if (process.argv.length <= 2) sim.outputHelp();
    else await sim.parseAsync();
    return code;
  } catch (error) {
    return codeOf(error);
  }
}

/** Says what went wrong, if nothing did so yet. */
function codeOf(error: unknown): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.passed : exitCodes.wrongInput;
  }
  if (error instanceof WrongInput) {
    complain(`${error.message}\n`);
    return exitCodes.wrongInput;
  }
  const stack = error instanceof Error ? error.stack : undefined;
  complain(`simswarm has a bug: ${String(error).split("\n")[0]}\n`);
  complain(process.env.SIMSWARM_DEBUG ? `${stack}\n` : "  set SIMSWARM_DEBUG=1 to see where\n");
  return exitCodes.failed;
}

process.on("uncaughtException", (error) => process.exit(codeOf(error)));
process.exit(await main());
