import type { Transaction } from "../model/change.ts";
import type { Task } from "../model/task.ts";
import { isWanted, TaskState } from "../model/task-state.ts";
import { type PlanContext, transaction } from "../plan/plan.ts";

/** Gives a new task what it needs before it can be placed: nothing yet, so it moves on at once. */
export function allocate(context: PlanContext, taskId: string): Transaction[] {
  const task = context.view.tasks.get(taskId);
  if (task === undefined || task.status.state !== TaskState.NEW) return [];
  if (!isWanted(task.desiredState)) return [];
  const status = { ...task.status, state: TaskState.PENDING, appliedAt: context.now };
  const object: Task = { ...task, status: { ...status, message: "pending task scheduling" } };
  return [transaction("allocator", [{ kind: "update", object }])];
}
