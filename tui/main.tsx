#!/usr/bin/env node
import { Command } from "commander";
import type { ClusterSource } from "../core/observe/source.ts";
import type { TopOptions } from "../real/ctl/top/top-source.ts";
import { exitCodeOfError } from "../sim/cli/ended.ts";
import { WrongInput } from "../sim/cli/exit-codes.ts";
import type { SubjectFlags } from "../sim/cli/subject.ts";
import { lookOf } from "./look.ts";

/**
 * The terminal view as a program; `sim run --tui`, `sim watch` and `swarmctl top` start it. It
 * reads the command line and chooses what is watched: all else knows only a `ClusterSource`.
 *
 * Exit codes: 0 quit, 1 something is broken, 2 wrong input or no terminal, 128 and the number of
 * a signal.
 */

interface Watched {
  /** @throws WrongInput */
  readonly open: () => Promise<ClusterSource>;
  readonly isAscii: boolean;
  /** What shows the same where there is no terminal. */
  readonly instead: string;
}

interface LookFlags {
  readonly ascii?: true;
}

type Show = (watched: Watched) => Promise<void>;

function program(show: Show): Command {
  const tui = new Command("tui")
    .description("Watches a cluster live: a simulated one, to be acted on, or a real one.")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .exitOverride();
  addSimulation(tui, show);
  addCluster(tui, show);
  return tui;
}

function addSimulation(tui: Command, show: Show): void {
  tui
    .command("sim")
    .description("play a scenario")
    .argument("<file>", "a scenario file")
    .option("--seed <text>", 'the seed of the run (default: "1")')
    .option("--until <span>", "stop after this much simulated time, such as 90s or 5m")
    .option("--clients <count>", "so many clients, 0 to 100, in place of the scenario's")
    .option("--bug <id>", "plant a bug first, such as R04, to see it caught")
    .option("--ascii", "draw with ASCII only")
    .action((file: string, { ascii, ...flags }: SubjectFlags & LookFlags) =>
      show(simulation(file, flags, ascii === true, `sim run ${file}`)),
    );
  tui
    .command("watch")
    .description("play a failure that was kept, as sim run --keep and sim explore write them")
    .argument("<file>", "a kept failure")
    .option("--ascii", "draw with ASCII only")
    .action((file: string, { ascii }: LookFlags) =>
      show(simulation(file, {}, ascii === true, `sim replay ${file}`)),
    );
}

function addCluster(tui: Command, show: Show): void {
  tui
    .command("top")
    .description("watch a real cluster, as swarmctl top does")
    .argument("[manager...]", "more managers, to go on with when one is gone")
    .option("--socket <address>", "a manager's socket, or host:port (SWARM_SOCKET)")
    .option("--context <name>", "cluster kept under this name (SWARM_CONTEXT)")
    .option("--identity <folder>", "a manager's certificates, for host:port")
    .option("--timeout <span>", "how long the answer to a command may take", "30s")
    .option("--ascii", "draw with ASCII only")
    .action((managers: string[], { ascii, ...options }: Omit<TopOptions, "managers"> & LookFlags) =>
      show(cluster({ ...options, managers }, ascii === true)),
    );
}

function cluster(options: TopOptions, isAscii: boolean): Watched {
  const open = async () => {
    const { clusterSource } = await import("../real/ctl/top/top-source.ts");
    try {
      return clusterSource(options, process.env);
    } catch (error) {
      throw new WrongInput(`swarmctl: ${(error as Error).message}`);
    }
  };
  return { open, isAscii, instead: "swarmctl node ls" };
}

function simulation(file: string, flags: SubjectFlags, isAscii: boolean, instead: string): Watched {
  const open = async () => {
    const { simulationSource } = await import("../sim/cli/simulation-source.ts");
    return simulationSource(file, flags);
  };
  return { open, isAscii, instead };
}

async function showWatched({ open, isAscii, instead }: Watched): Promise<number> {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new WrongInput(`This view needs a terminal. Without one, use '${instead}'.`);
  }
  if (process.env.TERM === "dumb") {
    const what = "This view needs a terminal that can move its cursor, and TERM is 'dumb'";
    throw new WrongInput(`${what}: use '${instead}'.`);
  }
  // In the line of the cursor until it is done, or has failed.
  stdout.write("loading");
  const loaded = load(open).finally(() => stdout.write("\r\x1b[K"));
  const { showOn, source } = await loaded;
  return showOn({ stdin, stdout }, source, lookOf(process.env, isAscii));
}

async function load(open: Watched["open"]) {
  const source = await open();
  return { ...(await import("./terminal.tsx")), source };
}

async function main(): Promise<number> {
  let code = 0;
  const tui = program(async (watched) => {
    code = await showWatched(watched);
  });
  try {
    if (process.argv.length <= 2) tui.outputHelp();
    else await tui.parseAsync();
    return code;
  } catch (error) {
    return exitCodeOfError(error, (text) => process.stderr.write(text));
  }
}

process.exit(await main());
