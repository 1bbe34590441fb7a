import { updateOf } from "../model/change.ts";
import { changedTask } from "../model/changed.ts";
import { type Rejection, rejection } from "../model/rejection.ts";
import { slotOf, type Task } from "../model/task.ts";
import { isWanted, TaskState } from "../model/task-state.ts";
import type { StoreView } from "../store/view.ts";
import { type Decided, notFound } from "./decided.ts";

/**
 * The task is to stop and is then forgotten, as one that was scaled away. SwarmKit (`RemoveTask`)
 * forgets it at once, and with it what its container takes up until its node has heard of it.
 *
 * Refused of a task by which a job is done: without it the job would be run again, as it is in
 * SwarmKit.
 */
export function removeTask(view: StoreView, id: string): Decided | Rejection {
  const task = view.tasks.get(id);
  if (task === undefined) return notFound("task", id);
  const slot = view
    .tasksOfSlot(task.serviceId, slotOf(task))
    .filter((each) => each.desiredState < TaskState.REMOVE && isOfSameRun(each, task));
  if (!slot.includes(task)) return { id, changes: [] };
  if (isNeeded(view, task)) {
    const what = `task ${task.name} has completed, which the cluster must know`;
    return rejection("FailedPrecondition", `${what}: remove its job, or have it run anew`);
  }
  const going = endsSlot(task, slot) ? slot : [task];
  const changes = going.map((each) =>
    updateOf(changedTask(each, { desiredState: TaskState.REMOVE })),
  );
  return { id, changes };
}

function isOfSameRun(task: Task, other: Task): boolean {
  return task.jobIteration === other.jobIteration;
}

/** True for what says that a job's slot is done. */
function isNeeded(view: StoreView, task: Task): boolean {
  const job = view.services.get(task.serviceId)?.job ?? null;
  return job !== null && task.jobIteration === job.iteration && hasCompleted(task);
}

function hasCompleted({ status }: Task): boolean {
  return status.state === TaskState.COMPLETE;
}

/**
 * True for the last task of a slot, without which nothing is left to be done in it: what was tried
 * there before goes as well, since alone it would say that the slot was given up.
 */
function endsSlot(task: Task, slot: readonly Task[]): boolean {
  const isJobDone = task.jobIteration !== null && slot.some(hasCompleted);
  const others = slot.filter((other) => other !== task);
  if (isJobDone || others.some((other) => isWanted(other.desiredState))) return false;
  return isWanted(task.desiredState) || others.every((other) => isOlder(other, task));
}

function isOlder(task: Task, other: Task): boolean {
  return task.meta.createdAt < other.meta.createdAt;
}
