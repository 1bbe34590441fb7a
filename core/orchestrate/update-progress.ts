import { after, type Duration, type Timestamp } from "../base/time.ts";
import type { Service } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import { isTerminal, isWanted, TaskState } from "../model/task-state.ts";
import type { PlanContext } from "../plan/plan.ts";
import type { StoreView } from "../store/view.ts";
import { isDirty } from "./dirty.ts";
import { endedByItself } from "./restart.ts";
import { isLost, isRunning, newest, type Slot } from "./slot.ts";
import { isBeingUpdated } from "./update-status.ts";

/** How far an update has come with one slot. */
export interface SlotProgress {
  readonly slot: Slot;
  /** Old: to be begun. In flight: begun, and its new task neither runs nor has failed yet. */
  readonly phase: "old" | "in-flight" | "done";
  /** What the update put here; null when it has not, or when that went with its node. */
  readonly attempt: Task | null;
  /** When the attempt began to run, or failed before that. */
  readonly finishedAt: Timestamp | null;
  /** A task of another spec still serves here. */
  readonly hasOld: boolean;
}

/**
 * Where the update that began at `since` stands in a slot, read from the slot's tasks alone.
 *
 * The task that the update made decides, as in SwarmKit: whether it runs or fails, the update is
 * done with the slot, and what comes after is for restarts. A task that was stopped or lost with
 * its node before it ran says nothing: the slot is in flight until what replaces it runs.
 */
export function progressOf(
  context: PlanContext,
  service: Service,
  slot: Slot,
  since: Timestamp,
): SlotProgress {
  const { view } = context;
  const made = newestMade(service, slot, since);
  const attempt = made === null || isVoid(view, made) ? null : made;
  const hasOld = slot.wanted.some((task) => mustGo(context, service, task) && !isLost(view, task));
  if (attempt !== null) {
    const finishedAt = endOf(attempt);
    return { slot, phase: finishedAt === null ? "in-flight" : "done", attempt, finishedAt, hasOld };
  }
  if (isTriedAgain(context, service, slot, since)) {
    const again = slot.wanted.filter((task) => !isTerminal(task.status.state)).pop() ?? null;
    return { slot, phase: "in-flight", attempt: again, finishedAt: null, hasOld };
  }
  const phase = isOld(context, service, slot) ? "old" : "done";
  return { slot, phase, attempt, finishedAt: null, hasOld };
}

/**
 * True when the running update is judged in this slot by what takes the place of `task`, which was
 * lost before anything could be seen of it: else a task that never runs would hold the update up,
 * and one that fails would not count.
 */
export function goesOnWithUpdate(
  view: StoreView,
  service: Service,
  slot: Slot,
  task: Task,
): boolean {
  if (!isBeingUpdated(service)) return false;
  const { startedAt } = service.updateStatus;
  return newestMade(service, slot, startedAt) === task && isVoid(view, task);
}

/** When the task began to run, or stopped without; null: neither. */
function endOf(task: Task): Timestamp | null {
  const hasStopped = isTerminal(task.status.state);
  return task.runningSince ?? (hasStopped ? task.status.appliedAt : null);
}

/**
 * True when the task stopped by itself before it ran, or within `monitor` of that. One that was
 * asked to stop, or went with its node, has not failed; SwarmKit takes any end for a failure.
 */
export function hasFailed(task: Task, monitor: Duration): boolean {
  if (!endedByItself(task)) return false;
  return task.runningSince === null || task.status.appliedAt < after(task.runningSince, monitor);
}

/**
 * True when what the running update has put into the slot came to a node that runs it, or failed.
 * What only waits for a node that takes none any more holds no update up.
 */
export function isAtWork(service: Service, { tasks }: Slot): boolean {
  const since = service.updateStatus?.startedAt;
  if (since === undefined) return false;
  return tasks.some((task) => isMadeBy(service, task, since) && hasBegun(task));
}

function hasBegun(task: Task): boolean {
  if (task.runningSince !== null || endedByItself(task)) return true;
  const { state } = task.status;
  return state >= TaskState.ASSIGNED && !isTerminal(state) && isWanted(task.desiredState);
}

/**
 * What the update put here was lost before it ran, and nothing that takes its place runs yet, maybe
 * beside an old task that does.
 */
function isTriedAgain(context: PlanContext, service: Service, slot: Slot, since: Timestamp) {
  if (!slot.tasks.some((task) => isMadeBy(service, task, since))) return false;
  if (slot.wanted.length === 0 || isOld(context, service, slot)) return false;
  const taken = slot.wanted.filter((task) => !mustGo(context, service, task));
  return !taken.some((task) => isRunning(task) && !isLost(context.view, task));
}

/** The newest decides: what it has taken the place of may have run, or failed, all the same. */
function newestMade(service: Service, slot: Slot, since: Timestamp): Task | null {
  return slot.tasks.filter((task) => isMadeBy(service, task, since)).pop() ?? null;
}

function isMadeBy({ specVersion }: Service, task: Task, since: Timestamp): boolean {
  return task.isUpdate && task.specVersion === specVersion && task.meta.createdAt >= since;
}

/** It was stopped, or went with its node, before anything could be seen of it. */
export function isVoid(view: StoreView, task: Task): boolean {
  if (task.runningSince !== null) return false;
  if (isTerminal(task.status.state)) return !endedByItself(task);
  return task.desiredState > TaskState.RUNNING || isLost(view, task);
}

/** A lost task is for `tend` to replace, which brings the new spec. */
function isOld(context: PlanContext, service: Service, slot: Slot): boolean {
  if (slot.wanted.length === 0) return mustGo(context, service, newest(slot));
  return slot.wanted.every((task) => mustGo(context, service, task) && !isLost(context.view, task));
}

/** True when the update must replace the task. */
export function mustGo(context: PlanContext, service: Service, task: Task): boolean {
  if (context.planted === "U08") return task.specVersion !== service.specVersion;
  return isDirty(context.view, service, task);
}
