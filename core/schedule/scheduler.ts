import { sortedById } from "../base/order.ts";
import type { Transaction } from "../model/change.ts";
import type { Task } from "../model/task.ts";
import { isWanted, TaskState } from "../model/task-state.ts";
import { type PlanContext, transaction } from "../plan/plan.ts";
import { type Candidate, candidateOf, comparePreference, take } from "./candidate.ts";
import { type Filter, filters } from "./filters.ts";

/**
 * Chooses a node for each pending task: of those that pass every filter, the one with the fewest
 * tasks of the service. A task that fits nowhere stays pending and says why.
 *
 * The plan counts its own placements, so tasks placed together don't share the same room.
 */
export function schedule(context: PlanContext, taskIds: readonly string[]): Transaction[] {
  const candidates = sortedById(context.view.nodes.values()).map((node) =>
    candidateOf(context.view, node),
  );
  const pipeline = filters(context.planted);
  return taskIds.flatMap((id) => {
    const task = context.view.tasks.get(id);
    if (task === undefined || !isPending(task)) return [];
    const { nodeId } = task;
    const among =
      nodeId === null ? candidates : candidates.filter(({ node }) => node.id === nodeId);
    return place(context, pipeline, among, task);
  });
}

/** True when the task waits for the scheduler. */
export function isPending(task: Task): boolean {
  return task.status.state === TaskState.PENDING && isWanted(task.desiredState);
}

function place(
  context: PlanContext,
  pipeline: readonly Filter[],
  candidates: readonly Candidate[],
  task: Task,
): Transaction[] {
  const refusals = pipeline.map(() => 0);
  let best: Candidate | undefined;
  for (const candidate of candidates) {
    const refusedBy = pipeline.findIndex((filter) => !filter.check(candidate, task));
    if (refusedBy >= 0) refusals[refusedBy] = (refusals[refusedBy] as number) + 1;
    else if (best === undefined || comparePreference(candidate, best, task.serviceId) < 0) {
      best = candidate;
    }
  }
  if (best === undefined) return explain(task, explanation(pipeline, refusals));
  take(best, task);
  return [assign(context, task, best.node.id)];
}

function assign(context: PlanContext, task: Task, nodeId: string): Transaction {
  const status = {
    ...task.status,
    state: TaskState.ASSIGNED,
    appliedAt: context.now,
    message:
      task.nodeId === null
        ? "scheduler assigned task to node"
        : "scheduler confirmed task can run on preassigned node",
    err: "",
  };
  return transaction("scheduler", [{ kind: "update", object: { ...task, nodeId, status } }]);
}

/** Nothing is written when the reason is the one already stored. */
function explain(task: Task, err: string): Transaction[] {
  if (task.status.err === err) return [];
  const object: Task = { ...task, status: { ...task.status, err } };
  return [transaction("scheduler", [{ kind: "update", object }])];
}

/** The reasons, the most frequent first. */
function explanation(pipeline: readonly Filter[], refusals: readonly number[]): string {
  const reasons = pipeline
    .map((filter, at) => ({
      text: filter.explain(refusals[at] ?? 0),
      nodes: refusals[at] ?? 0,
      at,
    }))
    .filter((reason) => reason.nodes > 0)
    .sort((left, right) => right.nodes - left.nodes || left.at - right.at);
  if (reasons.length === 0) return "no suitable node";
  return `no suitable node (${reasons.map((reason) => reason.text).join("; ")})`;
}
