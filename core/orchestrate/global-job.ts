import type { Service } from "../model/service.ts";
import { type Plan, type PlanContext, together } from "../plan/plan.ts";
import { isDone, removeOutdated, stopRest } from "./job.ts";
import { type Place, placesOf, settle } from "./places.ts";

/**
 * Runs one task to its end on every node that the job may run on, once in each iteration, on those
 * that come later too (SwarmKit `orchestrator/jobs/global`).
 *
 * `maxAttempts` holds on each node. In SwarmKit it has no effect for global jobs: the attempts are
 * counted under one key and looked up under another.
 */
export function reconcileGlobalJob(context: PlanContext, service: Service): Plan {
  const places = placesOf(context, service);
  const settled = places.map((place) => settleJob(context, service, place));
  return together([removeOutdated(context, service), ...settled]);
}

function settleJob(context: PlanContext, service: Service, place: Place): Plan {
  const { access, slot } = place;
  if (slot !== null && access !== "gone" && isDone(slot)) return stopRest(slot);
  return settle(context, service, place);
}
