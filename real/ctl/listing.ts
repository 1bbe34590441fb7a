import { Argument, type Command } from "commander";
import type { QueryResult } from "../../core/control/command.ts";
import type { Run } from "./run.ts";
import type { Session } from "./session.ts";

/** What every list can be told. */
export interface Listing {
  readonly quiet?: boolean;
}

/** What `inspect` of that which has tasks can be told. */
export interface Inspecting {
  readonly all?: boolean;
}

/** What is meant by a name, or by a part of an id. */
type Find<T> = (session: Session, name: string) => Promise<T>;

/** The command `inspect` below `parent`, of that which has no tasks. */
export function inspection(
  parent: Command,
  run: Run,
  what: string,
  found: Find<QueryResult[number]>,
  about = `all of a ${what}`,
): void {
  parent
    .command(`inspect <${what}>`)
    .description(about)
    .action(
      run(async (session: Session, name: string) => session.show(await found(session, name))),
    );
}

/** What is removed by its id alone. */
interface Removable {
  readonly kind: "config" | "network" | "secret" | "service" | "task" | "volume";
  readonly id: string;
}

/** The command `remove` below `parent`. */
export function removal(
  parent: Command,
  run: Run,
  what: string,
  found: Find<Removable>,
  about: string,
): void {
  const remove = (session: Session, names: readonly string[]) =>
    session.commandEach(names, async (name) => {
      const { kind, id } = await found(session, name);
      return { kind: `remove-${kind}`, id };
    });
  parent.command(`remove <${what}...>`).alias("rm").description(about).action(run(remove));
}

/** The command `inspect` below `parent`, of that which has tasks. */
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
