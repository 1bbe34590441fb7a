import { gathered } from "../base/gather.ts";
import { compareText } from "../base/order.ts";
import { removalOf, type Transaction } from "../model/change.ts";
import { settingsOf } from "../model/cluster.ts";
import type { Service } from "../model/service.ts";
import { isOfPresentRun, type Task } from "../model/task.ts";
import { isTerminal, isWanted, TaskState } from "../model/task-state.ts";
import { isUpdating } from "../model/update-config.ts";
import { type PlanContext, transaction } from "../plan/plan.ts";
import { isCountedOn } from "./restart.ts";
import { isVoid } from "./update-progress.ts";

/**
 * Forgets some of the tasks of a service, of which `slots` are all or some (SwarmKit
 * `orchestrator/taskreaper`): those to be removed that have stopped, those given up before any node
 * had them, and the oldest beyond each slot's history.
 *
 * Jobs too have a bounded history, which they have not in SwarmKit: of what their slots have run in
 * earlier iterations, and of the attempts that failed, no more is kept.
 */
export function reap(
  context: PlanContext,
  serviceId: string,
  slots: Iterable<readonly Task[]>,
): Transaction[] {
  const service = context.view.services.get(serviceId);
  const forgotten = gathered(slots, (tasks) => {
    const surplus = oldestBeyond(context, service, tasks);
    const isSurplus = (task: Task) => surplus.includes(task) && !isCounted(context, service, task);
    return tasks.filter((task) => isFinished(task) || isSurplus(task));
  });
  forgotten.sort((left, right) => left.slot - right.slot || compareText(left.id, right.id));
  return forgotten.map((task) => transaction("reaper", [removalOf(task)]));
}

function isFinished(task: Task): boolean {
  if (task.status.state < TaskState.ASSIGNED) return !isWanted(task.desiredState);
  return task.desiredState === TaskState.REMOVE && isTerminal(task.status.state);
}

/** A running update counts by its own tasks what has failed: at most one of each slot. */
function isCounted({ view }: PlanContext, service: Service | undefined, task: Task): boolean {
  if (service === undefined || !isUpdating(service.updateStatus)) return false;
  return task.isUpdate && task.specVersion === service.specVersion && !isVoid(view, task);
}

/**
 * A slot's newest task stays whatever the limit: it says that the slot is taken, and how often it
 * was restarted. So does what is still wanted or may still run, and what a window still counts.
 */
function oldestBeyond(
  context: PlanContext,
  service: Service | undefined,
  tasks: readonly Task[],
): readonly Task[] {
  const limit = settingsOf(context.view.cluster).taskHistoryRetentionLimit;
  const kept = Math.max(1, limit) + (context.planted === "P03" ? 1 : 0);
  if (limit < 0 || tasks.length <= kept) return none;
  const slot = [...tasks].sort(
    (left, right) => left.meta.createdAt - right.meta.createdAt || compareText(left.id, right.id),
  );
  const newest = slot[slot.length - 1] as Task;
  const surplus = slot.slice(0, slot.length - kept);
  if (context.planted === "P02") {
    return surplus.filter((task) => !isCountedOn(task, newest, context.now));
  }
  return surplus.filter(
    (task) =>
      isTerminal(task.status.state) &&
      isPast(context, service, task) &&
      !isCountedOn(task, newest, context.now),
  );
}

const none: readonly Task[] = [];

/**
 * True when nothing hangs on the task. A job's slot is not run again in an iteration in which it
 * has completed, and it is the task that says so.
 */
function isPast({ planted }: PlanContext, service: Service | undefined, task: Task): boolean {
  if (task.jobIteration === null) return !isWanted(task.desiredState);
  if (planted === "P04") return false;
  if (service !== undefined && !isOfPresentRun(service, task)) return true;
  return !isWanted(task.desiredState) && task.status.state !== TaskState.COMPLETE;
}
