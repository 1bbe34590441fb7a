import { found } from "../base/gather.ts";
import type { Service } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import { isTerminal, TaskState } from "../model/task-state.ts";
import { type Plan, together } from "../plan/plan.ts";
import type { Slot } from "./slot.ts";
import { stop } from "./target-nodes.ts";

/** True once a task of the slot has completed: nothing is run in it again in this iteration. */
export function isDone(slot: Slot): boolean {
  return slot.tasks.some((task) => task.status.state === TaskState.COMPLETE);
}

/**
 * A task that was replaced because its node was down may have completed all the same, as is heard
 * later: then its replacement is not needed any more.
 */
export function stopRest(slot: Slot): Plan {
  const rest = slot.wanted.filter((task) => !isTerminal(task.status.state));
  return stop(rest, TaskState.SHUTDOWN);
}

/** What earlier iterations have left is stopped and forgotten. */
export function removeOutdated(service: Service, slots: Iterable<readonly Task[]>): Plan {
  const outdated = found(slots, (tasks) => tasks.filter((task) => isOutdated(service, task)));
  return together(outdated.map((tasks) => stop(tasks, TaskState.REMOVE)));
}

function isOutdated({ job }: Service, task: Task): boolean {
  return task.desiredState < TaskState.REMOVE && task.jobIteration !== job?.iteration;
}
