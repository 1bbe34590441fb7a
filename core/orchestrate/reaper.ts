import { compareText } from "../base/order.ts";
import type { Transaction } from "../model/change.ts";
import { defaultClusterSpec } from "../model/cluster.ts";
import type { Task } from "../model/task.ts";
import { isTerminal, TaskState } from "../model/task-state.ts";
import { type PlanContext, transaction } from "../plan/plan.ts";
import { isCountedOn } from "./restart.ts";
import { groupBySlot } from "./slot.ts";

/**
 * Forgets tasks of one service (SwarmKit `orchestrator/taskreaper`): those to be removed that have
 * stopped, those given up before any node had them, and the oldest beyond each slot's history.
 */
export function reap(context: PlanContext, serviceId: string): Transaction[] {
  const tasks = [...context.view.tasksOfService(serviceId).values()];
  const finished = tasks.filter(isFinished);
  const surplus = surplusHistory(context, tasks);
  if (finished.length === 0 && surplus.length === 0) return [];
  const forgotten = [...new Set([...finished, ...surplus])];
  forgotten.sort((left, right) => left.slot - right.slot || compareText(left.id, right.id));
  return forgotten.map((task) =>
    transaction("reaper", [
      { kind: "remove", table: "task", id: task.id, version: task.meta.version },
    ]),
  );
}

function isFinished(task: Task): boolean {
  if (task.status.state < TaskState.ASSIGNED) return task.desiredState > TaskState.RUNNING;
  return task.desiredState === TaskState.REMOVE && isTerminal(task.status.state);
}

function surplusHistory(context: PlanContext, tasks: readonly Task[]): Task[] {
  const limit = (context.view.cluster?.spec ?? defaultClusterSpec).taskHistoryRetentionLimit;
  if (limit < 0 || tasks.length <= 1) return [];
  return [...groupBySlot(tasks).values()].flatMap((slot) => oldestBeyond(context, slot, limit));
}

/**
 * A slot's newest task stays whatever the limit: it says that the slot is taken, and how often it
 * was restarted. So does what is still wanted or may still run, and what a window still counts.
 */
function oldestBeyond(context: PlanContext, slot: Task[], limit: number): Task[] {
  const kept = Math.max(1, limit) + (context.planted === "P03" ? 1 : 0);
  if (slot.length <= kept) return [];
  slot.sort(
    (left, right) => left.meta.createdAt - right.meta.createdAt || compareText(left.id, right.id),
  );
  const newest = slot[slot.length - 1] as Task;
  const surplus = slot.slice(0, slot.length - kept);
  if (context.planted === "P02") return surplus;
  return surplus.filter(
    (task) =>
      isTerminal(task.status.state) &&
      task.desiredState > TaskState.RUNNING &&
      !isCountedOn(task, newest, context.now),
  );
}
