import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import type { Table } from "../../core/model/change.ts";
import { countOf } from "../command-line/units.ts";
import { tableNames } from "../wire/store.ts";
import type { DevOptions } from "./dev.ts";
import type { DumpOptions, DumpWhat } from "./dump.ts";
import { type DaemonOptions, nodeCommand, usualStateDir, withUnlockKey } from "./options.ts";

/** What the commands of `swarmd` do with what their lines say. */
export interface SwarmdActions {
  run(options: DaemonOptions): Promise<void>;
  dev(options: DevOptions): Promise<void>;
  restore(stateDir: string, file: string): Promise<void>;
  dump(what: DumpWhat, options: DumpOptions, table: Table | null): Promise<void>;
}

/** The command line of `swarmd`. */
export function swarmdCommand(actions: SwarmdActions): Command {
  const command = nodeCommand(actions.run);
  command
    .command("dev")
    .description("a whole cluster on this machine, until it is interrupted; nothing of it stays")
    .option("--managers <count>", "nodes that are managers", nodesFrom(1), 3)
    .option("--workers <count>", "nodes that are workers", nodesFrom(0), 2)
    .addOption(
      new Option("--executor <kind>", "auto: Docker if it is there, else plain processes")
        .choices(["auto", "process"])
        .default("process"),
    )
    .allowExcessArguments(false)
    .action(async (options: DevOptions) => actions.dev(options));
  command
    .command("restore <file>")
    .description("make a state directory of a manager's backup; the node goes on alone with it")
    .addOption(stateDirOption())
    .allowExcessArguments(false)
    .action(async (file: string, _: object, own: Command) => {
      return actions.restore(stateDirOf(own), file);
    });
  debugCommands(command, actions.dump);
  command.hook("preAction", refuseEmpty);
  return command;
}

/** Named for those of swarm-rafttool. */
function debugCommands(command: Command, dump: SwarmdActions["dump"]): void {
  const debug = command
    .command("debug")
    .description("what a stopped node keeps in its state directory, decrypted")
    .allowExcessArguments(false);
  const dumping = (what: DumpWhat, name: string, description: string) =>
    debug
      .command(name)
      .description(description)
      .addOption(stateDirOption())
      .option("--unlock-key <key>", "SWMKEY-1-..., of a manager that is locked (SWARM_UNLOCK_KEY)")
      .option("--redact", "leave out secrets and the keys of roots", false)
      .addOption(
        new Option("--format <format>", "how it is printed")
          .choices(["json", "yaml"])
          .default("yaml"),
      )
      .action(async (...words: unknown[]) => {
        const own = words.at(-1) as Command;
        const options = { ...own.optsWithGlobals<DumpOptions>(), stateDir: stateDirOf(own) };
        const table = words.length > 2 ? ((words[0] as Table | undefined) ?? null) : null;
        await dump(what, withUnlockKey(options), table);
      });
  dumping("wal", "dump-wal", "Raft's hard state and the entries of its log")
    .option("--start <index>", "the first entry to show", countOf, 0)
    .addOption(
      new Option("--end <index>", "the last entry to show")
        .argParser(countOf)
        .default(Number.MAX_SAFE_INTEGER, "the newest"),
    );
  dumping("snapshot", "dump-snapshot", "the snapshot that the log begins after");
  dumping("objects", "dump-object", "the objects that snapshot and log make").addArgument(
    new Argument("[table]", "only these").choices(tableNames),
  );
}

function stateDirOption(): Option {
  return new Option("-d, --state-dir <folder>", `of the node (default: ${usualStateDir})`);
}

/** It may stand before the command, as the node's own. */
function stateDirOf(command: Command): string {
  const { stateDir } = command.opts<Partial<DaemonOptions>>();
  return stateDir ?? command.optsWithGlobals<DaemonOptions>().stateDir;
}

/** Each is a process of some 100 MB, with a loopback address of its own. */
const nodesMost = 50;

function nodesFrom(least: number): (text: string) => number {
  return (text) => {
    const count = countOf(text);
    if (count >= least && count <= nodesMost) return count;
    throw new InvalidArgumentError(`Write a number from ${least} to ${nodesMost}.`);
  };
}

/** An empty word is most likely a variable of the shell that is not set. */
function refuseEmpty(program: Command, command: Command): void {
  for (const each of new Set([program, command])) {
    const empty = each.options.find(
      (option) =>
        each.getOptionValue(option.attributeName()) === "" &&
        each.getOptionValueSource(option.attributeName()) === "cli",
    );
    if (empty !== undefined)
      each.error(`error: option '${empty.flags}' is empty: give it a value, or leave it out`);
  }
}
