import type { Service } from "../model/service.ts";
import type { SlotKey, Task } from "../model/task.ts";
import { nothingToDo, type Plan, type PlanContext } from "../plan/plan.ts";
import { isDone, removeEarlier, stopRest } from "./job.ts";
import { bySlot, type Reconciled } from "./reconciled.ts";
import { settle, type TargetNode, targetNodes, targetNodesAt } from "./target-nodes.ts";

/**
 * Runs one task to its end on every node that the job may run on, once in each iteration, on those
 * that come later too (SwarmKit `orchestrator/jobs/global`).
 *
 * `maxAttempts` holds on each node. In SwarmKit it has no effect for global jobs: the attempts are
 * counted under one key and looked up under another.
 */
export function reconcileGlobalJob(context: PlanContext, service: Service): Reconciled {
  const slots = context.view.tasksBySlot(service.id).values();
  return settleAll(context, service, slots, targetNodes(context, service));
}

/** The same for some of the slots. */
export function reconcileGlobalJobSlots(
  context: PlanContext,
  service: Service,
  keys: readonly SlotKey[],
): Reconciled {
  const slots = keys.map((key) => context.view.tasksOfSlot(service.id, key));
  return settleAll(context, service, slots, targetNodesAt(context, service, keys));
}

function settleAll(
  context: PlanContext,
  service: Service,
  slots: Iterable<readonly Task[]>,
  targets: readonly TargetNode[],
): Reconciled {
  const settled = targets.map((target) => {
    return { slot: target.nodeId, plan: settleJob(context, service, target) };
  });
  return bySlot(settled, removeEarlier(service, slots), nothingToDo);
}

function settleJob(context: PlanContext, service: Service, target: TargetNode): Plan {
  const { access, slot } = target;
  if (slot !== null && access !== "gone" && isDone(slot)) return stopRest(slot);
  return settle(context, service, target);
}
