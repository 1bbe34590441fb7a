import { found } from "../base/gather.ts";
import type { Transaction } from "../model/change.ts";
import type { Service } from "../model/service.ts";
import type { SlotKey } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";
import { nothingToDo, type Plan, type PlanContext, transaction } from "../plan/plan.ts";
import { desire, newTask } from "./new-task.ts";
import { bySlot, type Reconciled, type SlotPlan } from "./reconciled.ts";
import { mustRollOut, rollOut } from "./rollout.ts";
import { divide, freeNumbers } from "./scale.ts";
import { isGone, keyOf, type Slot, slotAt, slotsOf } from "./slot.ts";
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
  const { keep, surplus } = divide(slotsOf(context.view, service), replicas);
  const updates = surplus.length > 0 ? nothingToDo : rollOut(context, service, keep);
  const filled = fill(context, service, replicas - keep.length);
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

/** A new task for each of the lowest free slot numbers. */
function fill(context: PlanContext, service: Service, missing: number): Transaction[] {
  if (missing <= 0) return [];
  return freeNumbers(usedNumbers(context, service), missing).map((number) =>
    transaction("orchestrator", [newTask(context, service, { number, nodeId: null })]),
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

function remove(slot: Slot): Transaction {
  return transaction(
    "orchestrator",
    slot.tasks.map((task) => desire(task, TaskState.REMOVE)),
  );
}
