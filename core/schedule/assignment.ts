import type { Planted } from "../base/planted.ts";
import { type Transaction, updateOf } from "../model/change.ts";
import { changedStatus, changedTask } from "../model/changed.ts";
import type { Task } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";
import type { Volume } from "../model/volume.ts";
import { type PlanContext, transaction } from "../plan/plan.ts";
import { type Candidate, freeIds } from "./candidate.ts";
import type { Clearing } from "./preemption.ts";

/** What a preassigned task is told, and any other (SwarmKit `scheduler.go`). */
const confirmed = "scheduler confirmed task can run on preassigned node";
const assigned = "scheduler assigned task to node";

/** The task as it will be on the node, with the named resources that are free there. */
export function assignedTo(candidate: Candidate, task: Task, context: PlanContext): Task {
  const status = changedStatus(task.status, {
    state: TaskState.ASSIGNED,
    appliedAt: context.now,
    message: task.nodeId === null ? assigned : confirmed,
    err: "",
  });
  const assignedResources = namedResources(candidate, task, context.planted);
  const nodeId = candidate.id;
  return changedTask(task, { nodeId, nominatedNodeId: null, assignedResources, status });
}

/** The volumes that had no place yet are bound to the node in the same transaction. */
export function assignment(task: Task, unbound: readonly Volume[]): Transaction {
  const changes = [updateOf(task)];
  for (const volume of unbound) changes.push(updateOf({ ...volume, nodeId: task.nodeId }));
  return transaction("scheduler", changes);
}

/**
 * What the task is told that can't be placed, and whose room is to be cleared for it; null when
 * nothing of that is new.
 */
export function noPlacement(
  task: Task,
  err: string,
  clearing: Clearing | null,
): Transaction | null {
  const nominatedNodeId = clearing?.node.id ?? null;
  const victims = clearing?.victims ?? [];
  const isKnown = task.status.err === err && task.nominatedNodeId === nominatedNodeId;
  if (isKnown && victims.length === 0) return null;
  const object = changedTask(task, {
    nominatedNodeId,
    status: changedStatus(task.status, { err }),
  });
  return transaction("scheduler", [
    updateOf(object),
    ...victims.map((victim) => updateOf(changedTask(victim, { preemptedBy: task.id }))),
  ]);
}

const nothing: Task["assignedResources"] = new Map();

function namedResources(
  candidate: Candidate,
  { spec }: Task,
  planted: Planted,
): Task["assignedResources"] {
  if (spec.genericReservations.size === 0) return nothing;
  const named = [...spec.genericReservations].map(([kind, count]) => {
    const has = candidate.node?.description.genericResources.get(kind);
    const all = has?.kind === "named" ? has.ids : [];
    const free = planted === "S08" ? all : freeIds(candidate, kind);
    return [kind, free.slice(0, count)] as const;
  });
  return new Map(named.filter(([, ids]) => ids.length > 0));
}
