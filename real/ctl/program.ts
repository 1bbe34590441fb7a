import { Command, Option } from "commander";
import { optionDescription } from "../option-help.ts";
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
import { runIn } from "./run.ts";
import type { Surroundings } from "./session.ts";

/** The whole of `swarmctl`; what it does with the cluster, it does in `surroundings`. */
export function swarmctlProgram(surroundings: Surroundings): Command {
  const program = new Command("swarmctl")
    .description("controls a cluster of swarmd")
    .option("-s, --socket <address>", "a manager's socket, or host:port (SWARM_SOCKET)")
    .option("--context <context>", "cluster kept under this name (SWARM_CONTEXT)")
    .option("--identity <folder>", "a manager's certificates, for host:port")
    .option("--timeout <span>", "how long an answer may take", "30s")
    .addOption(
      new Option("--format <format>", "how lists and objects are printed")
        .choices(["table", "json", "yaml"])
        .default("table"),
    )
    .option("--no-resolve", "show nodes by id, not by name")
    .version(ownVersion, "-v, --version", "print the version")
    .showHelpAfterError("(see --help)")
    .configureHelp({ optionDescription, showGlobalOptions: true });
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
