import { Command, Option } from "commander";
import { seconds } from "../../core/base/time.ts";
import { optionDescription } from "../command-line/option-help.ts";
import { patienceOf } from "../command-line/units.ts";
import { ownVersion } from "../version.ts";
import { clusterCommands } from "./commands/cluster.ts";
import { completionCommand } from "./commands/completion.ts";
import { contextCommands } from "./commands/context.ts";
import { eventCommands } from "./commands/events.ts";
import { fileCommands } from "./commands/file.ts";
import { logsCommand } from "./commands/logs.ts";
import { networkCommands } from "./commands/network.ts";
import { nodeCommands } from "./commands/node.ts";
import { serviceCommands } from "./commands/service.ts";
import { taskCommands } from "./commands/task.ts";
import { topCommand } from "./commands/top.ts";
import { volumeCommands } from "./commands/volume.ts";
import { formatOf, formats } from "./format.ts";
import { runIn } from "./run.ts";
import type { GlobalOptions, Surroundings } from "./session.ts";

/** The whole of `swarmctl`; what it does with the cluster, it does in `surroundings`. */
export function swarmctlProgram(surroundings: Surroundings): Command {
  const program = new Command("swarmctl")
    .description("controls a cluster of swarmd")
    .option("-s, --socket <address>", "a manager's socket, or host:port (SWARM_SOCKET)")
    .option("--context <context>", "cluster kept under this name (SWARM_CONTEXT)")
    .option("--identity <folder>", "a manager's certificates, for host:port")
    .addOption(
      new Option("--timeout <span>", "how long an answer may take")
        .argParser(patienceOf)
        .default(seconds(30), "30s"),
    )
    .addOption(
      new Option("--format <format>", "of lists and objects; or a Go template, as Docker's")
        .choices(formats)
        .argParser(formatOf)
        .default("table"),
    )
    .option("--no-resolve", "show nodes by id, not by name")
    .version(ownVersion, "-v, --version", "print the version")
    .showHelpAfterError("(see --help)")
    .configureHelp({ optionDescription, showGlobalOptions: true });
  program.hook("preAction", refuseEmpty);
  const run = runIn(surroundings);
  clusterCommands(program, run);
  nodeCommands(program, run);
  serviceCommands(program, run);
  taskCommands(program, run);
  fileCommands(program, run, "secret");
  fileCommands(program, run, "config");
  volumeCommands(program, run);
  networkCommands(program, run);
  eventCommands(program, run);
  logsCommand(program, run, ["service", "task"]);
  topCommand(program);
  contextCommands(program, surroundings);
  completionCommand(program, surroundings);
  program
    .command("version")
    .description("print the version")
    .action(() => surroundings.out(`${ownVersion}\n`));
  return program;
}

/** An empty word is most likely a variable of the shell that is not set: it must not mean all. */
function refuseEmpty(program: Command, command: Command): void {
  const { context, identity } = program.opts<Partial<GlobalOptions>>();
  const isCompletion = command.name() === "__complete";
  if (command.args.includes("") && !isCompletion)
    throw new Error("an argument is empty: say what is meant");
  if (context === "") throw new Error("--context is empty: name one, or leave it out");
  if (identity === "") throw new Error("--identity is empty: name a folder, or leave it out");
}
