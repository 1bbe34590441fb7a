import type { Command } from "commander";

/** What every list can be told. */
export interface Listing {
  readonly quiet?: boolean;
}

/** The command `ls` below `parent`. */
export function listing(parent: Command, about: string): Command {
  const command = parent.command("ls").alias("list").description(about);
  return command.option("-q, --quiet", "the ids alone");
}
