import type { Service } from "../model/service.ts";
import { type Plan, type PlanContext, together } from "../plan/plan.ts";
import { isGivenUp, type Place, placesOf, settle } from "./places.ts";
import { rollOut } from "./rollout.ts";
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
export function reconcileGlobal(context: PlanContext, service: Service): Plan {
  const places = placesOf(context, service);
  const settled = places.map((place) => settle(context, service, place));
  if (places.some((place) => isUnheard(context, place))) return together(settled);
  const slots = places.flatMap((place) => slotToUpdate(context, service, place));
  return together([...settled, rollOut(context, service, slots)]);
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
