import { gathered } from "../base/gather.ts";
import type { Service } from "../model/service.ts";
import type { SlotKey } from "../model/task.ts";
import { nothingToDo, type PlanContext } from "../plan/plan.ts";
import { isGivenUp, type Place, placesAt, placesOf, settle } from "./places.ts";
import { bySlot, type Reconciled, type SlotPlan } from "./reconciled.ts";
import { mustRollOut, rollOut } from "./rollout.ts";
import type { Slot } from "./slot.ts";
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
  const places = placesOf(context, service);
  const settled = settleAll(context, service, places);
  if (places.some((place) => isUnheard(context, place))) {
    return { ...bySlot(settled, nothingToDo, nothingToDo), isBySlot: false };
  }
  const slots = gathered(places, (place) => slotToUpdate(context, service, place));
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
  const places = placesAt(context, service, keys);
  const slots = gathered(places, (place) => slotToUpdate(context, service, place));
  if (mustRollOut(context, service, slots)) return null;
  return bySlot(settleAll(context, service, places), nothingToDo, nothingToDo);
}

function settleAll(context: PlanContext, service: Service, places: readonly Place[]): SlotPlan[] {
  return places.map((place) => ({ slot: place.nodeId, plan: settle(context, service, place) }));
}

/**
 * True while a new leader has not heard of the node. An update rests until it has, or the node is
 * called down: else it would be judged without most of its slots.
 */
function isUnheard({ view }: PlanContext, { nodeId, slot }: Place): boolean {
  return slot !== null && view.nodes.get(nodeId)?.status.state === "unknown";
}

/**
 * Neither what is about to be filled with the newest spec, nor what is only kept; but what the
 * update has come to somewhere counts, whatever became of the place since.
 */
function slotToUpdate(context: PlanContext, service: Service, { access, slot }: Place): Slot[] {
  if (access === "gone" || slot === null) return [];
  if (isAtWork(service, slot)) return [slot];
  return access === "open" && (slot.wanted.length > 0 || isGivenUp(context, slot)) ? [slot] : [];
}
