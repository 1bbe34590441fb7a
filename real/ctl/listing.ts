import { Argument, type Command } from "commander";

/** What every list can be told. */
export interface Listing {
  readonly quiet?: boolean;
}

/** What `inspect` of that which has tasks can be told. */
export interface Inspecting {
  readonly all?: boolean;
}

/** The command `inspect` below `parent`. */
export function inspecting(parent: Command, what: string): Command {
  const command = parent.command(`inspect <${what}>`).description(`all of a ${what}`);
  return command.option("-a, --all", "with its tasks, whatever became of them");
}

/** The command `ps` below `parent`. */
export function taskListing(parent: Command, argument: string, about: string): Command {
  const command = parent.command(`ps ${argument}`).description(about);
  return command.option("-q, --quiet", "the ids alone");
}

/** The command `ls` below `parent`. */
export function listing(parent: Command, about: string): Command {
  const command = parent.command("ls").alias("list").description(about);
  return command.option("-q, --quiet", "the ids alone");
}

/** SwarmKit's commands name the cluster; a manager knows of one. */
export function ofCluster(command: Command): Command {
  return command.addArgument(new Argument("[cluster]", "its id, or 'default': there is one"));
}
