import { isEqual } from "../base/equal.ts";
import { meetsConstraints } from "../model/constraint.ts";
import type { Service } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import type { TaskSpec } from "../model/task-spec.ts";
import { TaskState } from "../model/task-state.ts";
import type { StoreView } from "../store/view.ts";

/**
 * True when the task is not what its service's spec now asks for, so that an update must replace it
 * (SwarmKit `orchestrator.IsTaskDirty`).
 *
 * An older version alone is no reason: going back to an earlier spec leaves alone what still runs
 * it, and so do new credentials for its registry, and new placement constraints that the task's
 * node meets.
 */
export function isDirty(view: Pick<StoreView, "nodes">, service: Service, task: Task): boolean {
  if (task.specVersion === service.specVersion) return false;
  const { task: wanted, endpoint } = service.spec;
  if (!isEqual(task.endpoint, endpoint)) return true;
  if (isEqual(task.spec, wanted)) return false;
  if (!isEqual(task.spec, withTolerated(wanted, task))) return true;
  const node = task.nodeId === null ? undefined : view.nodes.get(task.nodeId);
  return node === undefined || !meetsConstraints(node, wanted.placement.constraints);
}

/** `wanted` with the task's own in the place of what it need not share. */
function withTolerated(wanted: TaskSpec, { spec, status }: Task): TaskSpec {
  const placement = { ...wanted.placement, constraints: spec.placement.constraints };
  if (status.state < TaskState.READY) return { ...wanted, placement };
  const { registryAuth } = spec.container;
  return { ...wanted, placement, container: { ...wanted.container, registryAuth } };
}
