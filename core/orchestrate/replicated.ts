import type { Transaction } from "../model/change.ts";
import type { Service } from "../model/service.ts";
import { TaskState } from "../model/task-state.ts";
import { nothingToDo, type Plan, type PlanContext, together, transaction } from "../plan/plan.ts";
import { desire, newTask } from "./new-task.ts";
import { rollOut } from "./rollout.ts";
import { divide, freeNumbers } from "./scale.ts";
import { isGone, type Slot, slotsOf } from "./slot.ts";
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
): Plan {
  const { keep, surplus } = divide(slotsOf(context.view, service), replicas);
  const slots = keep.map((slot) => tend(context, service, slot));
  const updates = surplus.length > 0 ? nothingToDo : rollOut(context, service, keep);
  const filled = fill(context, service, replicas - keep.length);
  const resized: Plan = { transactions: [...surplus.map(remove), ...filled], wakeAt: null };
  return together([resized, ...slots, updates]);
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
