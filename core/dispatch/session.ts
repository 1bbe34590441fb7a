import { compareText } from "../base/order.ts";
import type { Instant } from "../base/time.ts";
import type { NodeDescription, NodeRole } from "../model/node.ts";
import type { Task } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";
import type { StoreView } from "../store/view.ts";
import type { DispatcherMessage, RecordedReport } from "./message.ts";

/** What the leader keeps of one agent that has registered with it. */
export interface Session {
  readonly id: string;
  readonly nodeId: string;
  /** What the node said of itself; in the store once the session is confirmed. */
  readonly description: NodeDescription;
  readonly joinsAs: NodeRole;
  /** True once the agent has used the session, which proves that it can also hear the leader. */
  isConfirmed: boolean;
  /** True when the node's role has changed and it was not told yet. */
  hasNewStanding: boolean;
  /** Numbers the sets of assignments; `acknowledged <= sequence`. */
  sequence: number;
  acknowledged: number;
  /** When the newest set was sent. */
  sentAt: Instant;
  /** Tasks to be told of, and tasks whose reports are now in the store. */
  readonly changed: Set<string>;
  readonly recorded: RecordedReport[];
}

/** True when the node is to know of the task: it has been assigned and has not stopped. */
export function isAssignment(task: Task): boolean {
  return task.status.state >= TaskState.ASSIGNED && task.status.state <= TaskState.RUNNING;
}

/** Everything the node is to run, as the first set of a session or after one was lost. */
export function completeSet(view: StoreView, session: Session): DispatcherMessage {
  const tasks = [...view.tasksOnNode(session.nodeId).values()].filter(isAssignment);
  tasks.sort((left, right) => compareText(left.id, right.id));
  return assignments(session, "complete", tasks, []);
}

/** What has changed since the last set. */
export function incrementalSet(view: StoreView, session: Session): DispatcherMessage {
  const tasks: Task[] = [];
  const removed: string[] = [];
  for (const id of [...session.changed].sort(compareText)) {
    const task = view.tasks.get(id);
    if (task !== undefined && isAssignment(task)) tasks.push(task);
    else removed.push(id);
  }
  return assignments(session, "incremental", tasks, removed);
}

function assignments(
  session: Session,
  type: "complete" | "incremental",
  tasks: readonly Task[],
  removed: readonly string[],
): DispatcherMessage {
  const appliesTo = session.sequence;
  const resultsIn = appliesTo + 1;
  return { kind: "assignments", session: session.id, type, appliesTo, resultsIn, tasks, removed };
}
