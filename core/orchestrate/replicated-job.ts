import type { Transaction } from "../model/change.ts";
import type { Service, ServiceMode } from "../model/service.ts";
import { isWanted, TaskState } from "../model/task-state.ts";
import { type Plan, type PlanContext, together, transaction } from "../plan/plan.ts";
import { isDone, removeEarlier, stopRest } from "./job.ts";
import { newTask } from "./new-task.ts";
import { asWhole, type Reconciled } from "./reconciled.ts";
import { freeNumbers } from "./scale.ts";
import { isGone, slotsOf } from "./slot.ts";
import { tend } from "./tend.ts";

type Mode = ServiceMode & { readonly kind: "replicated-job" };

/**
 * Runs a job's tasks until enough have completed, at most `maxConcurrent` at a time (SwarmKit
 * `orchestrator/jobs/replicated`).
 *
 * Model: each completion is a slot, from 1 to `totalCompletions`. (SwarmKit counts from 0, which is
 * here the slot of a global service.) A slot is fresh, open, done, or given up by its restart
 * policy; the store says which, so no leader ever runs a slot again that is done. What an earlier
 * iteration still runs counts as running too, so that an update doesn't exceed `maxConcurrent`,
 * as it may in SwarmKit.
 */
export function reconcileReplicatedJob(
  context: PlanContext,
  service: Service,
  mode: Mode,
): Reconciled {
  const slots = slotsOf(context.view, service);
  const settled = slots.map((slot) =>
    isDone(slot) ? stopRest(slot) : tend(context, service, slot),
  );
  const known = slots.filter((slot) => context.planted !== "J01" || !isDone(slot));
  const tried = new Set(known.map((slot) => slot.number));
  const begun: Plan = { transactions: begin(context, service, mode, tried), wakeAt: null };
  const outdated = removeEarlier(service, context.view.tasksBySlot(service.id).values());
  return asWhole(together([outdated, ...settled, begun]));
}

/** A task for each of the lowest fresh slots that there is room for. */
function begin(
  context: PlanContext,
  service: Service,
  { maxConcurrent, totalCompletions }: Mode,
  tried: ReadonlySet<number>,
): Transaction[] {
  const inUse = numbersInUse(context, service);
  const room = context.planted === "J02" ? totalCompletions : maxConcurrent - inUse.size;
  const most = Math.min(room, totalCompletions);
  const fresh = freeNumbers(new Set([...tried, ...inUse]), most);
  const left = fresh.filter((number) => number <= totalCompletions);
  return left.map((number) =>
    transaction("orchestrator", [newTask(context, service, { number, nodeId: null })]),
  );
}

/**
 * The slots in which something runs or is to run, of whatever iteration. What has failed is about
 * to be run again, or else is asked to stop, and then frees its place.
 */
function numbersInUse(context: PlanContext, service: Service): Set<number> {
  const tasks = [...context.view.tasksOfService(service.id).values()];
  const used = tasks.filter((task) => {
    if (!isGone(context.view, task)) return true;
    return isWanted(task.desiredState) && task.status.state !== TaskState.COMPLETE;
  });
  return new Set(used.map((task) => task.slot));
}
