import { type Duration, minutes, ms, type Timestamp, until } from "../base/time.ts";
import type { Change } from "../model/change.ts";
import type { Service } from "../model/service.ts";
import type { RestartCount, Task } from "../model/task.ts";
import { isTerminal, TaskState } from "../model/task-state.ts";
import { isPaused } from "../model/update-config.ts";
import { atOnce, earlier, nothingToDo, type Plan, type PlanContext } from "../plan/plan.ts";
import { isDirty } from "./dirty.ts";
import { desire, giveUp, newParkedTask, start } from "./new-task.ts";
import { countAfter, countGoingOn, endedByItself, mayRestart, restartDelay } from "./restart.ts";
import { isGone, isLeaving, isLost, isOutOfSight, type Slot } from "./slot.ts";
import { succeed } from "./succession.ts";
import { goesOnWithUpdate } from "./update-progress.ts";

/** A task that will not stop holds its replacement back for this long (SwarmKit `TaskTimeout`). */
const oldTaskTimeout = minutes(1);

/**
 * Keeps one slot filled: what is lost is asked to stop and replaced by a task that is parked
 * (desired READY) until its delay is over and its predecessor is gone. The slot of a global service
 * is filled on the same node again. What goes out of sight with its node is awaited for as long.
 *
 * A slot in which a task is just being asked to stop has nothing to start yet.
 */
export function tend(context: PlanContext, service: Service, slot: Slot): Plan {
  if (isSettled(context, slot)) return nothingToDo;
  const refilled = refill(context, service, slot);
  if (refilled.transactions.length > 0) return refilled;
  const succeeded = succeed(context, service, slot);
  if (succeeded.transactions.length > 0) return succeeded;
  const promoted = promote(context, service, slot);
  const wakeAt = earlier(succeeded.wakeAt, promoted.wakeAt);
  return { ...promoted, wakeAt: earlier(refilled.wakeAt, wakeAt) };
}

/** True for the many slots with one task that serves and needs nothing more. */
function isSettled({ view }: PlanContext, { wanted }: Slot): boolean {
  const [task] = wanted;
  if (task === undefined || wanted.length > 1) return false;
  if (task.desiredState === TaskState.READY) return false;
  return !isLost(view, task) && !isLeaving(view, task);
}

/**
 * Answers each lost task of a slot: it is to stop, and a replacement takes its place, also where it
 * was just to move to a node that has not taken it, which is called off. While an
 * update is paused, a slot in which an old task still runs is not given another new one.
 */
function refill(context: PlanContext, service: Service, slot: Slot): Plan {
  const lost = slot.wanted.filter(
    (task) => isLost(context.view, task) && !isAwaited(context, slot, task),
  );
  const task = lost[lost.length - 1];
  if (task === undefined) return nothingToDo;
  const isOut = isOutOfSight(context.view, task);
  const stops = lost.filter((each) => !isOut || each !== task).map((each) => stop(context, each));
  const calledOff = slot.wanted.filter((other) => isVainMove(other, task));
  const others = slot.wanted.filter((other) => !lost.includes(other) && !calledOff.includes(other));
  const filled = others.some(
    (other) => isPaused(service.updateStatus) || !isDirty(context.view, service, other),
  );
  const removed = calledOff.map((move) => desire(move, TaskState.REMOVE));
  if (filled || !mayRestart(context, slot, task)) {
    const all = lost.map((each) => stop(context, each));
    return atOnce("orchestrator", [...all, ...removed]);
  }
  if (endedByItself(task) && task.startAt > context.now) {
    return { transactions: [], wakeAt: task.startAt };
  }
  const restarts = countIn(service, slot, task, context.now);
  const delay = delayOf(context, service, task, restarts);
  const replaces = isOut ? task.id : null;
  const isUpdate = goesOnWithUpdate(context.view, service, slot, task);
  const origin = { restarts, replaces, isUpdate };
  const replacement = newParkedTask(context, service, slot, delay, origin);
  return atOnce("orchestrator", [...stops, ...removed, replacement]);
}

function stop(context: PlanContext, task: Task): Change {
  const isBack = context.planted === "O10" && task.desiredState === TaskState.RUNNING;
  return isBack ? desire(task, TaskState.READY) : giveUp(context, task);
}

/**
 * True for the move of `task` to a node that has not taken it: bound to that one, it might wait
 * there for ever, and nothing else would fill the slot.
 */
function isVainMove(move: Task, { id }: Task): boolean {
  return move.isMove && move.replaces === id && move.status.state < TaskState.ASSIGNED;
}

/**
 * True for a task on a node that is down, while its replacement has not been started: should the
 * node be back by then, its task is kept. (SwarmKit stops it and starts another.)
 */
function isAwaited(context: PlanContext, slot: Slot, task: Task): boolean {
  if (!isOutOfSight(context.view, task)) return false;
  return slot.wanted.some(
    ({ replaces, desiredState }) => replaces === task.id && desiredState === TaskState.READY,
  );
}

/**
 * Beside an old task that is lost, an update may have tried this version of the spec in the slot
 * before: what that has used up stays so.
 */
function countIn(service: Service, slot: Slot, task: Task, now: Timestamp): RestartCount {
  const isOld = task.specVersion !== service.specVersion;
  return isOld ? countGoingOn(service, slot.tasks, now) : countAfter(service, task, now);
}

/**
 * How long the replacement of a task waits. A task that is lost with its node in the middle of its
 * own delay hands on what is left of it; one that ends by itself in it must have waited for its end
 * before, and then its replacement waits again (SwarmKit, against tight loops).
 */
function delayOf(
  context: PlanContext,
  service: Service,
  task: Task,
  { isAttempt, failuresInRow }: RestartCount,
): Duration {
  if (context.planted === "X06") return ms(0);
  if (task.startAt > context.now) return until(context.now, task.startAt);
  if (isTakenAway(context, task)) return ms(0);
  return restartDelay(service.spec.task.restart, isAttempt ? failuresInRow : 1);
}

/** The task did nothing wrong and its node is there: drained, or no longer fit for it. */
function isTakenAway(context: PlanContext, task: Task): boolean {
  const node = task.nodeId === null ? undefined : context.view.nodes.get(task.nodeId);
  return node !== undefined && node.status.state !== "down" && !isTerminal(task.status.state);
}

/**
 * Starts a parked task when its delay is over, its predecessors are gone, and the services that
 * its own depends on have once run in full.
 */
export function promote(context: PlanContext, service: Service, slot: Slot): Plan {
  const parked = slot.wanted.find(
    (task) => task.desiredState === TaskState.READY && !isLost(context.view, task),
  );
  if (parked === undefined) return nothingToDo;
  if (service.waitsFor.length > 0) return nothingToDo;
  if (parked.startAt > context.now) return { transactions: [], wakeAt: parked.startAt };
  const giveUpAt = (parked.meta.createdAt + oldTaskTimeout) as Timestamp;
  const isLate = context.planted === "X09" && slot.stopping.length > 0;
  const waits = isLate || slot.stopping.some((task) => !isGone(context.view, task));
  if (waits && giveUpAt > context.now && context.planted !== "X04") {
    return { transactions: [], wakeAt: giveUpAt };
  }
  const awaited = slot.wanted.filter((task) => isAwaited(context, slot, task));
  const stops = awaited.map((task) => desire(task, TaskState.SHUTDOWN));
  return atOnce("orchestrator", [...stops, start(parked)]);
}
