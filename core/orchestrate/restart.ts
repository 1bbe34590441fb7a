import { type Duration, ms, type Timestamp } from "../base/time.ts";
import type { Service } from "../model/service.ts";
import { noRestarts, type RestartCount, type Task } from "../model/task.ts";
import type { RestartPolicy } from "../model/task-spec.ts";
import { isTerminal, TaskState } from "../model/task-state.ts";
import type { PlanContext } from "../plan/plan.ts";
import type { Slot } from "./slot.ts";

/** The first step of a back-off whose delay is nothing (Docker's restart manager has the same). */
const backoffFirst = ms(100);

/**
 * True when the task has ended and it was its own doing: it failed, or it was done. What went down
 * with its node, was taken from it or was asked to stop has not.
 */
export function endedByItself({ status }: Task): boolean {
  if (status.isLost === true) return false;
  return (
    status.state === TaskState.COMPLETE ||
    status.state === TaskState.FAILED ||
    status.state === TaskState.REJECTED
  );
}

/**
 * True when the policy lets the slot of `task`, which is lost, be filled again. Its condition and
 * its attempts are about tasks that end by themselves: what is lost with its node always is
 * replaced. (In SwarmKit the loss of a node uses up an attempt, and with condition `none` the task
 * is never replaced: after a partition the service stays down, moby/moby#32416.)
 */
export function mayRestart(context: PlanContext, slot: Slot, task: Task): boolean {
  if (!endedByItself(task)) return true;
  return isAllowed(context, task) && attemptsLeft(context, slot, task);
}

/** A job's task that has completed is done: `any` is `on-failure` there, as in SwarmKit. */
function isAllowed(context: PlanContext, task: Task): boolean {
  const { condition } = task.spec.restart;
  if (condition === "any" && task.jobIteration === null) return true;
  if (condition === "none") return false;
  return task.status.state !== TaskState.COMPLETE || context.planted === "X03";
}

function attemptsLeft(context: PlanContext, slot: Slot, task: Task): boolean {
  const { maxAttempts, window } = task.spec.restart;
  if (maxAttempts === 0 || context.planted === "X05") return true;
  if (window === 0 || context.planted === "X08") return task.restarts.attempts < maxAttempts;
  const endedAt = task.status.appliedAt;
  return slot.tasks.filter((other) => isWithin(other, task, endedAt)).length < maxAttempts;
}

/** True for an attempt of the same version of the spec as `task`, in its window before `endsAt`. */
function isWithin(attempt: Task, task: Task, endsAt: Timestamp): boolean {
  if (!attempt.restarts.isAttempt || attempt.specVersion !== task.specVersion) return false;
  return endsAt - attempt.meta.createdAt < task.spec.restart.window;
}

/**
 * Which of a slot's tasks must be kept for its attempts to be counted. Without a window none is:
 * the newest task carries the count, and the user's limit on the history holds whatever
 * `maxAttempts` is. (SwarmKit keeps `maxAttempts + 1` instead of the user's limit; moby/moby#35637,
 * #37520.) With a window, those attempts are kept that are still inside it.
 */
export function isCountedOn(attempt: Task, newest: Task, now: Timestamp): boolean {
  const { maxAttempts, window } = newest.spec.restart;
  if (maxAttempts === 0 || window === 0) return false;
  return isWithin(attempt, newest, endedByItself(newest) ? newest.status.appliedAt : now);
}

/** The count that the replacement of `task` starts with. */
export function countAfter(service: Service, task: Task, now: Timestamp): RestartCount {
  if (task.specVersion !== service.specVersion) return noRestarts;
  const { attempts } = task.restarts;
  const inRow = failuresInRow(task, now);
  if (!endedByItself(task)) return { attempts, failuresInRow: inRow, isAttempt: false };
  return { attempts: attempts + 1, failuresInRow: inRow + 1, isAttempt: true };
}

/**
 * The count of a task that takes over from one that has not ended: no attempt, and those that the
 * slot's tasks, oldest first, have made of this version of the spec go on.
 */
export function countGoingOn(
  service: Service,
  tasks: readonly Task[],
  now: Timestamp,
): RestartCount {
  const last = lastTried(service, tasks);
  if (last === null) return noRestarts;
  const { attempts } = last.restarts;
  return { attempts, failuresInRow: failuresInRow(last, now), isAttempt: false };
}

/**
 * The count of a task with which an update begins a slot: a row of failures begins anew, but what
 * the slot has used up of this version of the spec stays so. A paused update that is taken up
 * again, or one that lost its task with its node, has tried it there before.
 */
export function countOfUpdate(service: Service, tasks: readonly Task[]): RestartCount {
  const last = lastTried(service, tasks);
  return last === null ? noRestarts : { ...noRestarts, attempts: last.restarts.attempts };
}

/** The newest of a slot's tasks, oldest first, that is of this version of the spec; null: none. */
function lastTried({ specVersion }: Service, tasks: readonly Task[]): Task | null {
  return tasks.filter((task) => task.specVersion === specVersion).pop() ?? null;
}

/** A task that ran for longer than the longest delay ends the row of those that failed before. */
function failuresInRow(task: Task, now: Timestamp): number {
  const { restarts, runningSince, spec, status } = task;
  if (runningSince === null) return restarts.failuresInRow;
  const endedAt = isTerminal(status.state) ? status.appliedAt : now;
  return endedAt - runningSince > spec.restart.maxDelay ? 0 : restarts.failuresInRow;
}

/**
 * How long the replacement waits after this many failures in a row: `delay` after the first, twice
 * as long after each further one, up to the cap `maxDelay`. Without a cap above it, always `delay`.
 */
export function restartDelay({ delay, maxDelay }: RestartPolicy, inRow: number): Duration {
  let waits = delay;
  for (let failure = 1; failure < inRow && waits < maxDelay; failure += 1) {
    waits = waits === 0 ? backoffFirst : ((2 * waits) as Duration);
  }
  return Math.max(delay, Math.min(waits, maxDelay)) as Duration;
}
