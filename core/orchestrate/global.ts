import { gathered } from "../base/gather.ts";
import type { Service } from "../model/service.ts";
import type { SlotKey } from "../model/task.ts";
import { nothingToDo, type PlanContext } from "../plan/plan.ts";
import { bySlot, type Reconciled, type SlotPlan } from "./reconciled.ts";
import { mustRollOut, rollOut } from "./rollout.ts";
import type { Slot } from "./slot.ts";
import { isGivenUp, settle, type TargetNode, targetNodes, targetNodesAt } from "./target-nodes.ts";
import { isAtWork } from "./update-progress.ts";

/**
 * Keeps one task of a global service on every node that it may run on (SwarmKit
 * `orchestrator/global`). A task is given its node when it is made, which the scheduler confirms.
 *
 * Unlike SwarmKit's, it makes no task for a node of a platform that the image does not run on:
 * there the task would only wait for ever. And what a node that was down or drained still runs is
 * gone before its successor is started.
 */
export function reconcileGlobal(context: PlanContext, service: Service): Reconciled {
  const targets = targetNodes(context, service);
  const settled = settleAll(context, service, targets);
  if (targets.some((target) => isUnheard(context, target))) {
    return { ...bySlot(settled, nothingToDo, nothingToDo), isBySlot: false };
  }
  const slots = gathered(targets, (target) => slotToUpdate(context, service, target));
  const updates = rollOut(context, service, slots);
  return { ...bySlot(settled, nothingToDo, updates), isBySlot: updates === nothingToDo };
}

/**
 * The same for some of the slots of a service that is looked at by slot. Null: it is to be looked
 * at as a whole all the same.
 */
export function reconcileGlobalSlots(
  context: PlanContext,
  service: Service,
  keys: readonly SlotKey[],
): Reconciled | null {
  const targets = targetNodesAt(context, service, keys);
  const slots = gathered(targets, (target) => slotToUpdate(context, service, target));
  if (mustRollOut(context, service, slots)) return null;
  return bySlot(settleAll(context, service, targets), nothingToDo, nothingToDo);
}

function settleAll(
  context: PlanContext,
  service: Service,
  targets: readonly TargetNode[],
): SlotPlan[] {
  return targets.map((target) => ({ slot: target.nodeId, plan: settle(context, service, target) }));
}

/**
 * True while a new leader has not heard of the node. An update rests until it has, or the node is
 * called down: else it would be judged without most of its slots.
 */
function isUnheard({ view }: PlanContext, { nodeId, slot }: TargetNode): boolean {
  return slot !== null && view.nodes.get(nodeId)?.status.state === "unknown";
}

/**
 * Neither what is about to be filled with the newest spec, nor what is only kept; but what the
 * update has come to somewhere counts, whatever became of the node since.
 */
function slotToUpdate(
  context: PlanContext,
  service: Service,
  { access, slot }: TargetNode,
): Slot[] {
  if (access === "gone" || slot === null) return [];
  if (isAtWork(service, slot)) return [slot];
  return access === "open" && (slot.wanted.length > 0 || isGivenUp(context, slot)) ? [slot] : [];
}
