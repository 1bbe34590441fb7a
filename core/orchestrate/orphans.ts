import { sortedById } from "../base/order.ts";
import { after, type Timestamp } from "../base/time.ts";
import { type Transaction, updateOf } from "../model/change.ts";
import { settingsOf } from "../model/cluster.ts";
import { orphaned, type Task } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";
import { earlier, type Plan, type PlanContext, transaction } from "../plan/plan.ts";

/**
 * Gives up the tasks on nodes that have been down for longer than `nodeDownPeriod`: nobody knows
 * any more what became of them, and what they had set aside is free again (SwarmKit dispatcher
 * `moveTasksToOrphaned`).
 *
 * Better than SwarmKit: the time runs from when the node went down, which the store knows, and not
 * anew with each leader; and a change of the period holds at once.
 */
export function orphan(context: PlanContext, downNodes: readonly string[]): Plan {
  const { view, now } = context;
  const { nodeDownPeriod } = settingsOf(view.cluster);
  const transactions: Transaction[] = [];
  let wakeAt: Timestamp | null = null;
  for (const id of downNodes) {
    const downSince = view.nodes.get(id)?.status.downSince ?? null;
    if (downSince === null || context.planted === "D03") continue;
    const givenUpAt = after(downSince, nodeDownPeriod);
    if (givenUpAt > now) wakeAt = earlier(wakeAt, givenUpAt);
    else transactions.push(...orphanAll(context, id));
  }
  return { transactions, wakeAt };
}

function orphanAll({ view, now }: PlanContext, node: string): Transaction[] {
  const tasks = [...view.tasksOnNode(node).values()].filter(mayRun);
  return sortedById(tasks).map((task) => {
    const object = orphaned(task, "task lost track of: its node has been down for too long", now);
    return transaction("dispatcher", [updateOf(object)]);
  });
}

/** True when the node had the task and has not said that it ended. */
function mayRun({ status }: Task): boolean {
  return status.state >= TaskState.ASSIGNED && status.state <= TaskState.RUNNING;
}
