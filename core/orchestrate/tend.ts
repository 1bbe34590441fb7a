import { type Duration, minutes, ms, type Timestamp, until } from "../base/time.ts";
import { isInvalidNode } from "../model/node.ts";
import type { Service } from "../model/service.ts";
import type { RestartCount, Task } from "../model/task.ts";
import { isTerminal, TaskState } from "../model/task-state.ts";
import { earlier, nothingToDo, type Plan, type PlanContext, transaction } from "../plan/plan.ts";
import { desire, newParkedTask } from "./new-task.ts";
import { countAfter, endedByItself, mayRestart, restartDelay } from "./restart.ts";
import { isGone, isLost, isOutOfSight, type Slot } from "./slot.ts";
import { succeed } from "./succession.ts";

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
  const refilled = refill(context, service, slot);
  if (refilled.transactions.length > 0) return refilled;
  const succeeded = succeed(context, service, slot);
  if (succeeded.transactions.length > 0) return succeeded;
  const promoted = promote(context, service, slot);
  const wakeAt = earlier(succeeded.wakeAt, promoted.wakeAt);
  return { ...promoted, wakeAt: earlier(refilled.wakeAt, wakeAt) };
}

/** Answers each lost task of a slot: it is to stop, and a replacement takes its place. */
function refill(context: PlanContext, service: Service, slot: Slot): Plan {
  const lost = slot.wanted.filter(
    (task) => isLost(context.view, task) && !isAwaited(context, slot, task),
  );
  const task = lost[lost.length - 1];
  if (task === undefined) return nothingToDo;
  const stopped = context.planted === "O10" ? TaskState.READY : TaskState.SHUTDOWN;
  const isOut = isOutOfSight(context.view, task);
  const stops = lost.filter((each) => !isOut || each !== task).map((each) => desire(each, stopped));
  const others = slot.wanted.filter((other) => !lost.includes(other));
  const filled = others.some((other) => other.specVersion === service.specVersion);
  if (filled || !hasHome(context, slot) || !mayRestart(context, slot, task)) {
    const all = lost.map((each) => desire(each, stopped));
    return { transactions: [transaction("orchestrator", all)], wakeAt: null };
  }
  if (endedByItself(task) && task.startAt > context.now) {
    return { transactions: [], wakeAt: task.startAt };
  }
  const count = countAfter(service, task, context.now);
  const delay = delayOf(context, service, task, count);
  const replaces = isOut ? task.id : null;
  const replacement = newParkedTask(context, service, slot, delay, count, replaces);
  return { transactions: [transaction("orchestrator", [...stops, replacement])], wakeAt: null };
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

/** A global service has nothing to start on a node that is down or drained. */
function hasHome(context: PlanContext, { nodeId }: Slot): boolean {
  return nodeId === null || !isInvalidNode(context.view.nodes.get(nodeId));
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

/** The task has done nothing wrong and its node is there: it is drained, or no longer fit for it. */
function isTakenAway(context: PlanContext, task: Task): boolean {
  const node = task.nodeId === null ? undefined : context.view.nodes.get(task.nodeId);
  return node !== undefined && node.status.state !== "down" && !isTerminal(task.status.state);
}

/**
 * Starts a parked task when its delay is over, its predecessors are gone, and the services that
 * its own depends on have once run in full.
 */
function promote(context: PlanContext, service: Service, slot: Slot): Plan {
  const parked = slot.wanted.find(
    (task) => task.desiredState === TaskState.READY && !isLost(context.view, task),
  );
  if (parked === undefined) return nothingToDo;
  if (service.waitsFor.length > 0) return nothingToDo;
  if (parked.startAt > context.now) return { transactions: [], wakeAt: parked.startAt };
  const giveUpAt = (parked.meta.createdAt + oldTaskTimeout) as Timestamp;
  const waits = slot.stopping.some((task) => !isGone(context.view, task));
  if (waits && giveUpAt > context.now && context.planted !== "X04") {
    return { transactions: [], wakeAt: giveUpAt };
  }
  const started = desire(parked, TaskState.RUNNING);
  const awaited = slot.wanted.filter((task) => isAwaited(context, slot, task));
  const stops = awaited.map((task) => desire(task, TaskState.SHUTDOWN));
  return { transactions: [transaction("orchestrator", [...stops, started])], wakeAt: null };
}
