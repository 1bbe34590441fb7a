import { minutes, ms, type Timestamp } from "../base/time.ts";
import type { Service } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";
import { isPaused } from "../model/update-config.ts";
import { earlier, nothingToDo, type Plan, type PlanContext, transaction } from "../plan/plan.ts";
import { isDirty } from "./dirty.ts";
import { desire, newParkedTask } from "./new-task.ts";
import { mayRestart } from "./restart.ts";
import { isGone, isLost, type Slot } from "./slot.ts";

/** A task that will not stop holds its replacement back for this long (SwarmKit `TaskTimeout`). */
const oldTaskTimeout = minutes(1);

/**
 * Keeps one slot filled: what is lost is asked to stop and replaced by a task that is parked
 * (desired READY) until its delay is over and its predecessor is gone.
 *
 * A slot in which a task is just being asked to stop has nothing to start yet.
 */
export function tend(context: PlanContext, service: Service, slot: Slot): Plan {
  const refilled = refill(context, service, slot);
  if (refilled.transactions.length > 0) return refilled;
  const promoted = promote(context, slot);
  return { ...promoted, wakeAt: earlier(refilled.wakeAt, promoted.wakeAt) };
}

/**
 * Answers each lost task of a slot: it is to stop, and a replacement takes its place. While an
 * update is paused, a slot in which an old task still runs is not given another new one.
 */
function refill(context: PlanContext, service: Service, slot: Slot): Plan {
  const lost = slot.wanted.filter((task) => isLost(context.view, task));
  const task = lost[lost.length - 1];
  if (task === undefined) return nothingToDo;
  const stopped = context.planted === "O10" ? TaskState.READY : TaskState.SHUTDOWN;
  const stops = lost.map((each) => desire(each, stopped));
  const others = slot.wanted.filter((other) => !lost.includes(other));
  const filled = others.some(
    (other) => isPaused(service.updateStatus) || !isDirty(context.view, service, other),
  );
  if (filled || !mayRestart(slot, task, context.now)) {
    return { transactions: [transaction("orchestrator", stops)], wakeAt: null };
  }
  if (task.startAt > context.now) return { transactions: [], wakeAt: task.startAt };
  const delay = isDrained(context, task) ? ms(0) : service.spec.task.restart.delay;
  const replacement = newParkedTask(context, service, slot, delay);
  return { transactions: [transaction("orchestrator", [...stops, replacement])], wakeAt: null };
}

function isDrained(context: PlanContext, task: Task): boolean {
  const node = task.nodeId === null ? undefined : context.view.nodes.get(task.nodeId);
  return node?.spec.availability === "drain" && node.status.state !== "down";
}

/** Starts a parked task when its delay is over and its predecessors are gone. */
function promote(context: PlanContext, slot: Slot): Plan {
  const parked = slot.wanted.find((task) => task.desiredState === TaskState.READY);
  if (parked === undefined || isLost(context.view, parked)) return nothingToDo;
  if (parked.startAt > context.now) return { transactions: [], wakeAt: parked.startAt };
  const giveUpAt = (parked.meta.createdAt + oldTaskTimeout) as Timestamp;
  const waits = slot.stopping.some((task) => !isGone(context.view, task));
  if (waits && giveUpAt > context.now && context.planted !== "X04") {
    return { transactions: [], wakeAt: giveUpAt };
  }
  const started = desire(parked, TaskState.RUNNING);
  return { transactions: [transaction("orchestrator", [started])], wakeAt: null };
}
