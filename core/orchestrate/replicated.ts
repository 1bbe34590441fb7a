import { found } from "../base/gather.ts";
import { ms } from "../base/time.ts";
import type { Change, Transaction } from "../model/change.ts";
import type { Service } from "../model/service.ts";
import type { SlotKey } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";
import { nothingToDo, type Plan, type PlanContext, transaction } from "../plan/plan.ts";
import { desire, newParkedTask, newTask } from "./new-task.ts";
import { bySlot, type Reconciled, type SlotPlan } from "./reconciled.ts";
import { mustRollOut, rollOut } from "./rollout.ts";
import { divide, freeNumbers } from "./scale.ts";
import { isBusy, keyOf, type Slot, slotAt, slotsOf } from "./slot.ts";
import { tend } from "./tend.ts";

/**
 * Keeps a replicated service at its count of replicas, one slot each.
 *
 * Model: a slot holds at most one wanted task of the service's current spec. What is lost is asked
 * to stop and replaced by a task that is parked (desired READY) until its delay is over and its
 * predecessor is gone. All of that is read from the tasks, so a change of leader loses nothing.
 */
export function reconcileReplicated(
  context: PlanContext,
  service: Service,
  replicas: number,
): Reconciled {
  const slots = slotsOf(context.view, service);
  const isOneLess = context.planted === "E02" && slots.length > replicas;
  const { keep, surplus } =
    context.planted === "E08"
      ? { keep: slots.slice(0, replicas), surplus: slots.slice(replicas) }
      : divide(slots, isOneLess ? replicas - 1 : replicas);
  const updates = surplus.length > 0 ? nothingToDo : rollOut(context, service, keep);
  const filled = fill(context, service, keep, replicas);
  const resized: Plan = { transactions: [...surplus.map(remove), ...filled], wakeAt: null };
  const isBySlot = resized.transactions.length === 0 && updates === nothingToDo;
  return { ...bySlot(tendAll(context, service, keep), resized, updates), isBySlot };
}

/**
 * The same for some of the slots of a service that is looked at by slot. Null: it is to be looked
 * at as a whole all the same.
 */
export function reconcileReplicatedSlots(
  context: PlanContext,
  service: Service,
  keys: readonly SlotKey[],
): Reconciled | null {
  const slots = found(keys, (key) => slotAt(context.view, service, key));
  if (slots.length < keys.length || mustRollOut(context, service, slots)) return null;
  slots.sort((left, right) => left.number - right.number);
  return bySlot(tendAll(context, service, slots), nothingToDo, nothingToDo);
}

function tendAll(context: PlanContext, service: Service, slots: readonly Slot[]): SlotPlan[] {
  return slots.map((slot) => ({ slot: keyOf(slot), plan: tend(context, service, slot) }));
}

/** A new task for each of the lowest numbers that none of the slots has. */
function fill(
  context: PlanContext,
  service: Service,
  slots: readonly Slot[],
  replicas: number,
): Transaction[] {
  const taken = new Set(slots.map(({ number }) => number));
  return freeNumbers(taken, replicas - slots.length).map((number) =>
    transaction("orchestrator", [begin(context, service, number)]),
  );
}

/**
 * What was removed of a slot of this number is gone before its successor is started. SwarmKit
 * starts that beside it.
 */
function begin(context: PlanContext, service: Service, number: number): Change {
  const slot = { number, nodeId: null };
  return isBusy(context.view, service, number)
    ? newParkedTask(context, service, slot, ms(0))
    : newTask(context, service, slot);
}

function remove(slot: Slot): Transaction {
  return transaction(
    "orchestrator",
    slot.tasks.map((task) => desire(task, TaskState.REMOVE)),
  );
}
