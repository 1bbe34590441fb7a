import { compareText } from "../base/order.ts";
import { minutes, ms, type Timestamp } from "../base/time.ts";
import type { Transaction } from "../model/change.ts";
import type { Service } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";
import { earlier, nothingToDo, type Plan, type PlanContext, transaction } from "../plan/plan.ts";
import { desire, newParkedTask, newTask } from "./new-task.ts";
import { mayRestart } from "./restart.ts";
import { rollOut } from "./rollout.ts";
import { divide, freeNumbers } from "./scale.ts";
import { isGone, isLost, type Slot, slotsOf } from "./slot.ts";

/** A task that will not stop holds its replacement back for this long (SwarmKit `TaskTimeout`). */
const oldTaskTimeout = minutes(1);

/**
 * Keeps a replicated service at its count of replicas, one slot each.
 *
 * Model: a slot holds at most one wanted task of the service's current spec. What is lost is asked
 * to stop and replaced by a task that is parked (desired READY) until its delay is over and its
 * predecessor is gone. All of that is read from the tasks, so a change of leader loses nothing.
 */
export function reconcileReplicated(context: PlanContext, serviceId: string): Plan {
  const service = context.view.services.get(serviceId);
  if (service === undefined) return removeAll(context, serviceId);
  const { keep, surplus } = divide(slotsOf(context.view, service), service.spec.mode.replicas);
  const slots = keep.map((slot) => tend(context, service, slot));
  const updates = rollOut(context, service, keep);
  return {
    transactions: [
      ...surplus.map(remove),
      ...fill(context, service, service.spec.mode.replicas - keep.length),
      ...slots.flatMap((plan) => plan.transactions),
      ...updates.transactions,
    ],
    wakeAt: [...slots, updates].reduce(
      (wakeAt: Timestamp | null, plan) => earlier(wakeAt, plan.wakeAt),
      null,
    ),
  };
}

/** A new task for each of the lowest free slot numbers. */
function fill(context: PlanContext, service: Service, missing: number): Transaction[] {
  if (missing <= 0) return [];
  return freeNumbers(usedNumbers(context, service), missing).map((number) =>
    transaction("orchestrator", [newTask(context, service, number)]),
  );
}

/** Slot numbers in use, those of removed tasks that may still run among them. */
function usedNumbers(context: PlanContext, service: Service): Set<number> {
  const tasks = [...context.view.tasksOfService(service.id).values()];
  const used = tasks.filter(
    (task) => task.desiredState < TaskState.REMOVE || !isGone(context.view, task),
  );
  return new Set(used.map((task) => task.slot));
}

function removeAll(context: PlanContext, serviceId: string): Plan {
  const tasks = [...context.view.tasksOfService(serviceId).values()];
  const wanted = tasks.filter((task) => task.desiredState < TaskState.REMOVE);
  wanted.sort((left, right) => left.slot - right.slot || compareText(left.id, right.id));
  const stops = wanted.map((task) => desire(task, TaskState.REMOVE));
  return {
    transactions: stops.map((stop) => transaction("orchestrator", [stop])),
    wakeAt: null,
  };
}

function remove(slot: Slot): Transaction {
  return transaction(
    "orchestrator",
    slot.tasks.map((task) => desire(task, TaskState.REMOVE)),
  );
}

/** A slot in which a task is just being asked to stop has nothing to start yet. */
function tend(context: PlanContext, service: Service, slot: Slot): Plan {
  const refilled = refill(context, service, slot);
  if (refilled.transactions.length > 0) return refilled;
  const promoted = promote(context, slot);
  return { ...promoted, wakeAt: earlier(refilled.wakeAt, promoted.wakeAt) };
}

/** Answers each lost task of a slot: it is to stop, and a replacement takes its place. */
function refill(context: PlanContext, service: Service, slot: Slot): Plan {
  const lost = slot.wanted.filter((task) => isLost(context.view, task));
  const task = lost[lost.length - 1];
  if (task === undefined) return nothingToDo;
  const stopped = context.planted === "O10" ? TaskState.READY : TaskState.SHUTDOWN;
  const stops = lost.map((each) => desire(each, stopped));
  const others = slot.wanted.filter((other) => !lost.includes(other));
  const filled = others.some((other) => other.specVersion === service.specVersion);
  if (filled || !mayRestart(slot, task, context.now)) {
    return { transactions: [transaction("orchestrator", stops)], wakeAt: null };
  }
  if (task.startAt > context.now) return { transactions: [], wakeAt: task.startAt };
  const delay = isDrained(context, task) ? ms(0) : service.spec.task.restart.delay;
  const replacement = newParkedTask(context, service, slot.number, delay);
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
