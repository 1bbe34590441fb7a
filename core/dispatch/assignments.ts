import { sortedById, sortedText } from "../base/order.ts";
import type { Planted } from "../base/planted.ts";
import type { Config, Secret } from "../model/secret.ts";
import type { Task } from "../model/task.ts";
import { isTerminal, TaskState } from "../model/task-state.ts";
import type { StoreView } from "../store/view.ts";
import type { Assignments } from "./message.ts";
import type { ReachNews } from "./reachable.ts";
import type { Session } from "./session.ts";

/**
 * True when the node is to have the task's container, which it keeps when it has ended (SwarmKit
 * `dispatcher/assignments.go`). Of a task that was rejected there is none worth keeping, and one
 * that was given up must not run on.
 */
function isAssignment({ status }: Task): boolean {
  return status.state >= TaskState.ASSIGNED && status.state <= TaskState.FAILED;
}

/** Whether the task is one that its node has not heard of; null: there is nothing to hear of it. */
export function isFresh(previous: Task | null, current: Task | null): boolean | null {
  const wasTold = previous !== null && isAssignment(previous);
  if (current === null || previous === null) return current !== null;
  const isOther = previous.desiredState !== current.desiredState;
  return isOther || wasTold !== isAssignment(current) ? !wasTold : null;
}

/**
 * Everything the node is to have, as the first set of a session or after one was lost; `reach` is
 * all that it is to know of how tasks are reached.
 */
export function completeSet(
  view: StoreView,
  session: Session,
  reach: ReachNews,
  planted: Planted,
): Assignments {
  const tasks = sortedById(view.tasksOnNode(session.nodeId).values()).filter(isAssignment);
  const files = filesOf(view, tasks, planted);
  return assignments(session, "complete", { tasks, removed: [], files }, reach);
}

/** What has changed since the last set. */
export function incrementalSet(
  view: StoreView,
  session: Session,
  reach: ReachNews,
  planted: Planted,
): Assignments {
  const tasks: Task[] = [];
  const removed: string[] = [];
  for (const id of sortedText(session.changed.keys())) {
    const task = view.tasks.get(id);
    if (task !== undefined && isAssignment(task)) tasks.push(task);
    else removed.push(id);
  }
  const fresh = tasks.filter(({ id }) => session.changed.get(id));
  const files = filesOf(view, fresh, planted);
  return assignments(session, "incremental", { tasks, removed, files }, reach);
}

/** What a set says of the tasks themselves. */
interface TaskNews {
  readonly tasks: readonly Task[];
  readonly removed: readonly string[];
  readonly files: Files;
}

type Files = readonly (Secret | Config)[];

const noFiles: Files = [];

/** What the tasks name that have not ended, and nothing else: a node is told no other secret. */
function filesOf(view: StoreView, tasks: readonly Task[], planted: Planted): Files {
  if (planted === "O09") return sortedById(view.secrets.values());
  const files = new Map<string, Secret | Config>();
  for (const { spec, status } of tasks) {
    if (isTerminal(status.state)) continue;
    for (const { id } of spec.container.secrets) put(files, view.secrets.get(id));
    for (const { id } of spec.container.configs) put(files, view.configs.get(id));
  }
  return files.size === 0 ? noFiles : sortedById(files.values());
}

function put(files: Map<string, Secret | Config>, file: Secret | Config | undefined): void {
  if (file !== undefined) files.set(file.id, file);
}

function assignments(
  session: Session,
  type: "complete" | "incremental",
  { tasks, removed, files }: TaskNews,
  { serving, ceased, overlays }: ReachNews,
): Assignments {
  const appliesTo = session.sequence;
  const numbers = { session: session.id, type, appliesTo, resultsIn: appliesTo + 1 } as const;
  return { kind: "assignments", tasks, removed, files, serving, ceased, overlays, ...numbers };
}
