import { after, ms, type Timestamp } from "../base/time.ts";
import type { Transaction } from "../model/change.ts";
import type { Service } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";
import { type Plan, type PlanContext, transaction } from "../plan/plan.ts";
import { desire, newParkedTask, newTask } from "./new-task.ts";
import { isLost, isRunning, newest, type Slot } from "./slot.ts";

/**
 * Brings a service's changed spec to its slots, a few at a time.
 *
 * Model: a slot is old, in flight, or done; that is read from its tasks. At most `parallelism`
 * slots are in flight, and a slot is done when a task of the new spec runs and the old one is no
 * longer wanted. A new task that keeps failing stays in flight, so the update stops there by
 * itself and the remaining old tasks go on serving.
 */
export function rollOut(context: PlanContext, service: Service, slots: readonly Slot[]): Plan {
  const handedOver = slots.flatMap((slot) => handOver(context, service, slot));
  const old = slots.filter((slot) => isOld(context, service, slot));
  if (old.length === 0) return { transactions: handedOver, wakeAt: null };
  const { parallelism, delay } = service.spec.update;
  const inFlight = slots.filter((slot) => isInFlight(service, slot)).length;
  const room = parallelism === 0 ? old.length : parallelism - inFlight;
  const next = [...old].sort(stoppedFirst).slice(0, Math.max(0, room));
  if (next.length === 0) return { transactions: handedOver, wakeAt: null };
  const last = lastDoneAt(service, slots);
  if (last !== null && after(last, delay) > context.now) {
    return { transactions: handedOver, wakeAt: after(last, delay) };
  }
  const begun = next.map((slot) => begin(context, service, slot));
  return { transactions: [...handedOver, ...begun], wakeAt: null };
}

function isCurrent(service: Service, task: Task): boolean {
  return task.specVersion === service.specVersion;
}

/** No task of the new spec is in the slot, and none is about to be put there by a restart. */
function isOld(context: PlanContext, service: Service, slot: Slot): boolean {
  if (isCurrent(service, newest(slot))) return false;
  return slot.wanted.every((task) => !isLost(context.view, task));
}

/** Also a slot whose new task was given up: the update must not go on to the next. */
function isInFlight(service: Service, slot: Slot): boolean {
  const current = slot.wanted.find((task) => isCurrent(service, task));
  if (current === undefined) {
    const last = newest(slot);
    return isCurrent(service, last) && last.status.state !== TaskState.COMPLETE;
  }
  return !isRunning(current) || slot.wanted.length > 1;
}

/** Start-first keeps what runs; what a newer update has overtaken before it ran goes. */
function begin(context: PlanContext, service: Service, slot: Slot): Transaction {
  const isStartFirst = service.spec.update.order === "start-first";
  const stopped = slot.wanted.filter((task) => !isStartFirst || !isRunning(task));
  const stops = stopped.map((task) => desire(task, TaskState.SHUTDOWN));
  if (isStartFirst) {
    return transaction("orchestrator", [...stops, newTask(context, service, slot)]);
  }
  const parked = newParkedTask(context, service, slot, ms(0));
  return transaction("orchestrator", [...stops, parked]);
}

/** Start-first: the old task stops once the new one runs. */
function handOver(context: PlanContext, service: Service, slot: Slot): Transaction[] {
  const current = slot.wanted.find((task) => isCurrent(service, task) && isRunning(task));
  if (current === undefined) return [];
  const old = slot.wanted.filter((task) => !isCurrent(service, task));
  const live = old.filter((task) => !isLost(context.view, task));
  if (live.length === 0) return [];
  return [
    transaction(
      "orchestrator",
      live.map((task) => desire(task, TaskState.SHUTDOWN)),
    ),
  ];
}

/** When the update last finished a slot. */
function lastDoneAt(service: Service, slots: readonly Slot[]): Timestamp | null {
  let last: Timestamp | null = null;
  for (const slot of slots) {
    const current = slot.wanted.find((task) => isCurrent(service, task) && isRunning(task));
    if (current === undefined) continue;
    if (last === null || current.status.appliedAt > last) last = current.status.appliedAt;
  }
  return last;
}

function stoppedFirst(left: Slot, right: Slot): number {
  const running = (slot: Slot) => Number(slot.wanted.some(isRunning));
  return running(left) - running(right) || left.number - right.number;
}
