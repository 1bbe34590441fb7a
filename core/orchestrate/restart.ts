import type { Timestamp } from "../base/time.ts";
import type { Task } from "../model/task.ts";
import type { RestartPolicy } from "../model/task-spec.ts";
import { isTerminal, TaskState } from "../model/task-state.ts";
import type { Slot } from "./slot.ts";

/**
 * True when the policy lets the slot of `task`, which is lost, be filled again.
 *
 * Nothing is remembered: the attempts are counted from the slot's own tasks, all of which but the
 * first of a spec's version are restarts. So a new leader counts the same (SwarmKit rebuilds the
 * same history in `taskinit`).
 */
export function mayRestart(slot: Slot, task: Task, now: Timestamp): boolean {
  const policy = task.spec.restart;
  return wanted(policy, task) && attemptsLeft(slot, task, now);
}

/** True when the task has ended and it was its own doing: nobody asked it to stop. */
export function endedByItself({ status }: Task): boolean {
  const { state } = status;
  return state === TaskState.COMPLETE || state === TaskState.FAILED || state === TaskState.REJECTED;
}

/** A job's task that has completed is done: `any` is `on-failure` there, as in SwarmKit. */
function wanted(policy: RestartPolicy, task: Task): boolean {
  if (!isTerminal(task.status.state)) return true;
  if (policy.condition === "none") return false;
  const isJob = task.jobIteration !== null;
  if (policy.condition === "any" && !isJob) return true;
  return task.status.state !== TaskState.COMPLETE;
}

function attemptsLeft(slot: Slot, task: Task, now: Timestamp): boolean {
  const { maxAttempts, window } = task.spec.restart;
  if (maxAttempts === 0) return true;
  const tried = slot.tasks.filter((other) => other.specVersion === task.specVersion);
  const restarts = tried.slice(1);
  if (window === 0) return restarts.length < maxAttempts;
  const recent = restarts.filter((restart) => now - restart.meta.createdAt < window);
  return recent.length < maxAttempts;
}

/** How many stopped tasks of a slot must be kept for the count to be right. */
export function historyNeeded(policy: RestartPolicy): number {
  return policy.maxAttempts === 0 ? 0 : policy.maxAttempts + 1;
}
