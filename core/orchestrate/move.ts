import { found } from "../base/gather.ts";
import { creationOf, type Transaction } from "../model/change.ts";
import { changedTask } from "../model/changed.ts";
import { settingsOf } from "../model/cluster.ts";
import { takesTasks } from "../model/node.ts";
import type { Service } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";
import { isUnfinished } from "../model/update-config.ts";
import { type PlanContext, transaction } from "../plan/plan.ts";
import { desire, newMove } from "./new-task.ts";
import { isGone, isLost, isRunning, type Slot, slotsOf } from "./slot.ts";

/**
 * The tasks of a service that may be moved to other nodes: of a replicated service that is spread
 * and is at rest, those that run alone in their slots, on nodes that take tasks. What is being
 * updated, restarted or handed over is left alone. Each is returned with the spec that it would be
 * made of now: its own may be older, where that makes no difference to it but may to another node.
 */
export function movableTasks(context: PlanContext, service: Service): Task[] {
  const { mode, task } = service.spec;
  const { strategy } = settingsOf(context.view.cluster);
  if (mode.kind !== "replicated" || (task.placement.strategy ?? strategy) !== "spread") return [];
  if (isUnfinished(service.updateStatus)) return [];
  const tasks = found(slotsOf(context.view, service), (slot) => movable(context, slot));
  return tasks.map((each) => changedTask(each, { spec: task, specVersion: service.specVersion }));
}

function movable({ view }: PlanContext, { wanted, stopping }: Slot): Task | null {
  const [task] = wanted;
  if (task === undefined || wanted.length > 1 || !stopping.every((each) => isGone(view, each))) {
    return null;
  }
  const node = view.nodes.get(task.nodeId ?? "");
  if (node === undefined || !takesTasks(node) || isLost(view, task)) return null;
  return isRunning(task) && task.desiredState === TaskState.RUNNING ? task : null;
}

/**
 * Begins to move a task that may be: another, which is returned, takes its place on the node. Once
 * that runs the slot is handed over (see `succeed`): the service never has less than it had.
 */
export function beginMove(
  context: PlanContext,
  service: Service,
  from: Task,
  nodeId: string,
): { readonly transaction: Transaction; readonly task: Task } {
  const old = context.view.tasks.get(from.id);
  const task = newMove(context, service, old ?? from, nodeId);
  const changes = [creationOf(task)];
  if (context.planted === "B02" && old) changes.push(desire(old, TaskState.SHUTDOWN));
  return { transaction: transaction("orchestrator", changes), task };
}
