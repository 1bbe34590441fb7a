import { isEqual } from "../base/equal.ts";
import type { NodeReport } from "../dispatch/dispatcher.ts";
import { admit } from "../membership/admit.ts";
import { creationOf, type Transaction, updateOf } from "../model/change.ts";
import { changedNode, changedStatus, changedTask } from "../model/changed.ts";
import { speaks, spokenOf } from "../model/level.ts";
import { rejected, type TaskStatus } from "../model/task.ts";
import { isTerminal, TaskState } from "../model/task-state.ts";
import { type PlanContext, transaction } from "../plan/plan.ts";
import type { RaftView } from "../raft/reach.ts";

/** What the store must change for a node's report, or null. A node unknown so far is created. */
export function nodeTransaction(
  context: PlanContext,
  raft: Pick<RaftView, "membership">,
  id: string,
  report: NodeReport,
): Transaction | null {
  const { view } = context;
  const node = view.nodes.get(id);
  const downSince = report.state === "down" ? (node?.status.downSince ?? context.now) : null;
  const status = { state: report.state, message: report.message, downSince };
  if (node === undefined) {
    const { description } = report;
    if (description === null) return null;
    const newcomer = { id, description, status, availability: "active", role: "worker" } as const;
    const object = admit(context, raft.membership, newcomer);
    return object === null ? null : transaction("dispatcher", [creationOf(object)]);
  }
  const description = spokenOf(view.cluster, report.description ?? node.description);
  if (node.status.state === status.state && isEqual(description, node.description)) return null;
  const object = changedNode(node, { status, description });
  return transaction("dispatcher", [updateOf(object)]);
}

/**
 * What the store must change for a task's report, or null: states never go back, and an end is the
 * end. (SwarmKit takes a higher state even then: from an agent that has lost its disk.)
 */
export function taskTransaction(
  context: PlanContext,
  id: string,
  reported: TaskStatus,
): Transaction | null {
  const task = context.view.tasks.get(id);
  if (task === undefined || isTerminal(task.status.state)) return null;
  const isOlder = reported.state < task.status.state && context.planted !== "O14";
  if (isOlder || reported.state === task.status.state) return null;
  const began = task.runningSince === null && reported.state === TaskState.RUNNING;
  const runningSince = began ? context.now : task.runningSince;
  const { rejectedFor } = task;
  const isTaken = rejectedFor !== undefined && reported.state === TaskState.SHUTDOWN;
  const said = isTaken ? rejected(reported, rejectedFor) : readable(context, reported);
  const status = changedStatus(said, { appliedAt: context.now });
  const object = changedTask(task, { runningSince, status });
  return transaction(isTaken ? "enforcer" : "agent", [updateOf(object)]);
}

/** Without what some node of the cluster could not read. */
function readable({ view }: PlanContext, status: TaskStatus): TaskStatus {
  if (status.hostPorts === undefined || speaks(view.cluster, "hostPorts")) return status;
  const { hostPorts: _, ...rest } = status;
  return rest;
}
