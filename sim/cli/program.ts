import { createRequire } from "node:module";
import { Command } from "commander";
import type { BugsFlags } from "./bugs-request.ts";
import { WrongInput } from "./exit-codes.ts";
import { addExplainCommands } from "./explain-commands.ts";
import type { ExploreFlags } from "./explore-request.ts";
import { complain, print } from "./output.ts";
import type { RunFlags } from "./request.ts";
import type { WhatifFlags } from "./whatif-request.ts";

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
  sim whatif today.json                              what each node's loss does to a real cluster
  sim whatif today.json --lose h4 --back 10m         what this one's does, and who moves where
  sim liveness --seeds 1000                          recovery of Raft: p50, p99, max, bound
  sim bugs --only R06,S01                            what catches these bugs, and how soon
  sim run my-scenario.ts --seed 8 --keep failure.json
  sim shrink failure.json --out small.ts             the smallest story that fails the same
  sim why failure.json                               which event decided it
  sim bugs --benign                                  what is harmless must raise no alarm

Exit codes: 0 passed, 1 a property broke, 2 wrong input, 130 interrupted, 141 nobody reads on.`;

/** The whole of `sim`; `ended` is told the exit code of the command that ran. */
export function simProgram(ended: (code: number) => void): Command {
  const sim = new Command("sim")
    .description("Runs chaos scenarios on a simulated cluster and checks every invariant.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: complain })
    .addHelpText("after", examples);
  addRun(sim, ended);
  addHunts(sim, ended);
  addExplainCommands(sim, ended);
  addMeasures(sim, ended);
  sim.hook("preAction", (_, command) => refuseEmpty(command));
  return sim;
}

function addRun(sim: Command, ended: (code: number) => void): void {
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
    .action(async (files: string[], flags: RunFlags) => {
      const { runCommand } = await import("./run-command.ts");
      ended(await runCommand(files, flags));
    });
}

function addHunts(sim: Command, ended: (code: number) => void): void {
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
    .action(async (files: string[], flags: ExploreFlags) => {
      const { exploreCommand } = await import("./explore-command.ts");
      ended(await exploreCommand(files, flags));
    });
  sim
    .command("whatif")
    .description(
      "what the loss of nodes does to a real cluster, as 'swarmctl cluster export' has it",
    )
    .argument("<export>", "what 'swarmctl cluster export' has written")
    .option("--lose <nodes>", "h4,h5 lose their power; also leader, engine.labels.rack==a", listed)
    .option("--cut <nodes>", "these lose the network, and what they run goes on", listed)
    .option("--back <span>", "after so long they are back (default: never)")
    .option("--watch <span>", "for so long after the loss (default: 10m)")
    .option("--seeds <count>", "so many runs (default: 3; of each node 1)")
    .option("--out <file>", "write it as a scenario to this file instead, to run or to change it")
    .option("--json", "print one JSON array, and nothing else")
    .action(async (file: string, flags: WhatifFlags) => {
      const { whatifCommand } = await import("./whatif-command.ts");
      ended(await whatifCommand(file, flags));
    });
  sim
    .command("merge")
    .description("join what the shards of one exploration have found")
    .argument("<file...>", "what sim explore --shard --json has printed")
    .option("--json", "print the findings as one JSON object, and nothing else")
    .action(async (files: string[], flags: { json?: boolean }) => {
      const { mergeCommand } = await import("./merge-command.ts");
      ended(mergeCommand(files, flags));
    });
}

function addMeasures(sim: Command, ended: (code: number) => void): void {
  sim
    .command("liveness")
    .description("measure how long a healed core of Raft members takes to a leader and a commit")
    .option("--seeds <count>", "how many seeds (default: 10000)")
    .action(async (flags: { seeds?: string }) => {
      const { livenessCommand } = await import("./liveness-command.ts");
      ended(await livenessCommand(flags));
    });
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
    .action(async (flags: BugsFlags) => {
      const { bugsCommand } = await import("./bugs-command.ts");
      ended(await bugsCommand(flags));
    });
}

/** `a,b`, given once or several times. */
function listed(text: string, before: readonly string[] = []): string[] {
  return [...before, ...text.split(",")];
}

/** An empty word is most likely a variable of the shell that is not set. */
function refuseEmpty(command: Command): void {
  const empty = command.options.find(
    (option) => command.getOptionValue(option.attributeName()) === "",
  );
  if (empty !== undefined)
    throw new WrongInput(`${empty.long} is empty: give it a value, or leave it out`);
  if (command.args.includes("")) throw new WrongInput("an argument is empty: name a file");
}

function version(): string {
  return createRequire(import.meta.url)("simswarm/package.json").version;
}
