import { unreachable } from "../base/assert.ts";
import { compareText } from "../base/order.ts";
import type { Service } from "../model/service.ts";
import { TaskState } from "../model/task-state.ts";
import { type Plan, type PlanContext, transaction } from "../plan/plan.ts";
import { awaitDependencies } from "./dependencies.ts";
import { desire } from "./new-task.ts";
import { reconcileReplicated } from "./replicated.ts";

/** Brings one service's tasks closer to what its spec says; of a service that is gone, to none. */
export function reconcile(context: PlanContext, serviceId: string): Plan {
  const service = context.view.services.get(serviceId);
  if (service === undefined) return removeAll(context, serviceId);
  const plan = reconcileMode(context, service);
  const waiting = awaitDependencies(context, service);
  return waiting === null ? plan : { ...plan, transactions: [waiting, ...plan.transactions] };
}

function reconcileMode(context: PlanContext, service: Service): Plan {
  const { mode } = service.spec;
  switch (mode.kind) {
    case "replicated":
      return reconcileReplicated(context, service, mode.replicas);
    case "global":
    case "replicated-job":
    case "global-job":
      return { transactions: [], wakeAt: null };
    default:
      return unreachable(mode);
  }
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
