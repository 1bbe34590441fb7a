import type { Command } from "commander";
import { compareText } from "../../../core/base/order.ts";
import { serviceNameOf, type Task } from "../../../core/model/task.ts";
import { isWanted, stateName, TaskState } from "../../../core/model/task-state.ts";
import { agoText } from "../../command-line/units.ts";
import { publishedOnHost } from "../../docker-api/map/task.ts";
import { pick } from "../find.ts";
import { inspection, type Listing, listing, removal } from "../listing.ts";
import { capitalized, portsText, type View } from "../output.ts";
import type { Run } from "../run.ts";
import type { Session } from "../session.ts";
import { logsCommand } from "./logs.ts";

export function taskCommands(program: Command, run: Run): void {
  const task = program.command("task").description("the tasks of all services");
  listing(task, "list tasks")
    .option("-a, --all", "also those that are not wanted any more")
    .action(run(list));
  inspection(task, run, "task", named);
  const about = "stop tasks and forget them; what their services want is started anew";
  removal(task, run, "task", named, about);
  logsCommand(task, run, ["task"]);
}

/**
 * A list of tasks, with the names of nodes in it where they are wanted. The state of a task whose
 * node is down is what the node has said last, so the table says that it is.
 */
export async function taskView({
  client,
  showsNames,
  surroundings,
}: Pick<Session, "client" | "showsNames" | "surroundings">): Promise<View<Task>> {
  const all = await client.query({ kind: "list-nodes" });
  const nodes = new Map(all.map((node) => [node.id, node]));
  const nowMs = surroundings.now();
  const nodeOf = ({ nodeId }: Task) => {
    const name = showsNames ? nodes.get(nodeId ?? "")?.description.hostname : undefined;
    return name ?? nodeId ?? "";
  };
  const placeOf = (task: Task) => {
    const isDown = nodes.get(task.nodeId ?? "")?.status.state === "down";
    const isStale = isDown && task.status.state <= TaskState.RUNNING;
    return isStale ? `${nodeOf(task)} (down)` : nodeOf(task);
  };
  const stateOf = ({ status }: Task) =>
    `${stateText(status.state)} ${agoText(status.appliedAt, nowMs)}`;
  return {
    columns: [
      ["ID", ({ id }) => id],
      ["NAME", ({ name }) => name],
      ["IMAGE", ({ spec }) => spec.container.image],
      ["NODE", placeOf],
      ["DESIRED", ({ desiredState }) => stateText(desiredState)],
      ["STATE", stateOf],
      ["ERROR", ({ status }) => status.err],
    ],
    fields: [
      ["ID", ({ id }) => id],
      ["Name", ({ name }) => name],
      ["Image", ({ spec }) => spec.container.image],
      ["Node", nodeOf],
      ["DesiredState", ({ desiredState }) => stateText(desiredState)],
      ["CurrentState", stateOf],
      ["Error", ({ status }) => status.err],
      ["Ports", (task) => portsText(publishedOnHost(task))],
    ],
  };
}

/** As Docker lists them: by name, and the attempts of a slot newest first. */
export function ordered(tasks: readonly Task[]): Task[] {
  return [...tasks].sort(
    (left, right) =>
      compareText(serviceNameOf(left), serviceNameOf(right)) ||
      left.slot - right.slot ||
      right.meta.createdAt - left.meta.createdAt,
  );
}

function stateText(state: TaskState): string {
  return capitalized(stateName(state).toLowerCase());
}

interface TaskListing extends Listing {
  readonly all?: boolean;
}

async function list(session: Session, { all, quiet }: TaskListing): Promise<void> {
  const found = await session.client.query({ kind: "list-tasks", service: null });
  const shown = all === true ? found : found.filter(({ desiredState }) => isWanted(desiredState));
  session.list(await taskView(session), ordered(shown), quiet);
}

/** Of the attempts of a slot, which all have its name, the one that is wanted is meant. */
async function named({ client }: Session, name: string): Promise<Task> {
  const all = await client.query({ kind: "list-tasks", service: null });
  const current = all.filter((task) => task.name === name && isWanted(task.desiredState));
  return pick("task", current.length === 1 ? current : all, name, (task) => task.name);
}
