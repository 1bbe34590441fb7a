import { unreachable } from "../base/assert.ts";
import { gathered } from "../base/gather.ts";
import { compareText } from "../base/order.ts";
import type { Service } from "../model/service.ts";
import type { SlotKey, Task } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";
import { nothingToDo, type Plan, type PlanContext, transaction } from "../plan/plan.ts";
import { awaitDependencies } from "./dependencies.ts";
import { reconcileGlobal, reconcileGlobalSlots } from "./global.ts";
import { reconcileGlobalJob, reconcileGlobalJobSlots } from "./global-job.ts";
import { desire } from "./new-task.ts";
import { bySlot, type Reconciled } from "./reconciled.ts";
import { reconcileReplicated, reconcileReplicatedSlots } from "./replicated.ts";
import { reconcileReplicatedJob } from "./replicated-job.ts";

/** Brings one service's tasks closer to what its spec says; of a service that is gone, to none. */
export function reconcile(context: PlanContext, serviceId: string): Reconciled {
  const service = context.view.services.get(serviceId);
  if (service === undefined) {
    const tasks = [...context.view.tasksOfService(serviceId).values()];
    return { ...bySlot([], removeAll(tasks), nothingToDo), isBySlot: tasks.length > 0 };
  }
  const plan = reconcileMode(context, service);
  if (service.waitsFor.length === 0) return plan;
  const waiting = awaitDependencies(context, service);
  const transactions = waiting === null ? plan.transactions : [waiting, ...plan.transactions];
  return { ...plan, transactions, isBySlot: false };
}

/**
 * The same for some of the slots of a service that was found to be looked at by slot, whose other
 * slots have all they need. Null: it is to be looked at as a whole all the same.
 */
export function reconcileSlots(
  context: PlanContext,
  serviceId: string,
  slots: readonly SlotKey[],
): Reconciled | null {
  const service = context.view.services.get(serviceId);
  if (service === undefined) {
    const tasks = gathered(slots, (slot) => context.view.tasksOfSlot(serviceId, slot));
    return bySlot([], removeAll(tasks), nothingToDo);
  }
  const { mode } = service.spec;
  switch (mode.kind) {
    case "replicated":
      return reconcileReplicatedSlots(context, service, slots);
    case "global":
      return reconcileGlobalSlots(context, service, slots);
    case "replicated-job":
      return null;
    case "global-job":
      return reconcileGlobalJobSlots(context, service, slots);
    default:
      return unreachable(mode);
  }
}

function reconcileMode(context: PlanContext, service: Service): Reconciled {
  const { mode } = service.spec;
  switch (mode.kind) {
    case "replicated":
      return reconcileReplicated(context, service, mode.replicas);
    case "global":
      return reconcileGlobal(context, service);
    case "replicated-job":
      return reconcileReplicatedJob(context, service, mode);
    case "global-job":
      return reconcileGlobalJob(context, service);
    default:
      return unreachable(mode);
  }
}

function removeAll(tasks: readonly Task[]): Plan {
  const wanted = tasks.filter((task) => task.desiredState < TaskState.REMOVE);
  wanted.sort((left, right) => left.slot - right.slot || compareText(left.id, right.id));
  const stops = wanted.map((task) => desire(task, TaskState.REMOVE));
  return {
    transactions: stops.map((stop) => transaction("orchestrator", [stop])),
    wakeAt: null,
  };
}
