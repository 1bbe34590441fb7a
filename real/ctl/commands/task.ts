import type { Command } from "commander";
import type { ListedNode } from "../../../core/model/node.ts";
import type { Task } from "../../../core/model/task.ts";
import { isWanted, stateName, type TaskState } from "../../../core/model/task-state.ts";
import { nodes, pick, tasksOf } from "../find.ts";
import { type Listing, listing } from "../listing.ts";
import type { Columns } from "../output.ts";
import type { Run } from "../run.ts";
import type { Session } from "../session.ts";
import { agoText } from "../units.ts";
import { logsCommand } from "./logs.ts";

export function taskCommands(program: Command, run: Run): void {
  const task = program.command("task").description("the tasks of all services");
  listing(task, "list tasks")
    .option("-a, --all", "also those that are not wanted any more")
    .action(run(list));
  task.command("inspect <task>").description("all of a task").action(run(inspect));
  logsCommand(task, run, ["task"]);
}

/** A table of tasks, with the nodes' names in it. */
export function taskColumns(all: readonly ListedNode[], nowMs: number): Columns<Task> {
  const names = new Map(all.map(({ id, description }) => [id, description.hostname]));
  return [
    ["ID", ({ id }) => id],
    ["NAME", ({ name }) => name],
    ["IMAGE", ({ spec }) => spec.container.image],
    ["NODE", ({ nodeId }) => (nodeId === null ? "" : (names.get(nodeId) ?? nodeId))],
    ["DESIRED", ({ desiredState }) => stateText(desiredState)],
    ["STATE", ({ status }) => `${stateText(status.state)} ${agoText(status.appliedAt, nowMs)}`],
    ["ERROR", ({ status }) => status.err],
  ];
}

function stateText(state: TaskState): string {
  const name = stateName(state);
  return name.charAt(0) + name.slice(1).toLowerCase();
}

interface TaskListing extends Listing {
  readonly all?: boolean;
}

async function list(session: Session, { all, quiet }: TaskListing): Promise<void> {
  const found = await tasksOf(session.client, null);
  const shown = all === true ? found : found.filter(({ desiredState }) => isWanted(desiredState));
  const columns = taskColumns(await nodes(session.client), session.surroundings.now());
  session.list(columns, shown, quiet);
}

async function inspect(session: Session, name: string): Promise<void> {
  session.show(pick("task", await tasksOf(session.client, null), name, (task) => task.name));
}
