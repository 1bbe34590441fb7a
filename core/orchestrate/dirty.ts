import { isEqual } from "../base/equal.ts";
import { meetsConstraints } from "../model/constraint.ts";
import type { Service } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import type { TaskSpec } from "../model/task-spec.ts";
import { TaskState } from "../model/task-state.ts";
import type { StoreView } from "../store/view.ts";

/** What sets a spec apart from the one that is wanted now; each kind may hold those before it. */
type Difference = "none" | "placement" | "credentials" | "more";

/** To what each spec was compared last, which only saves time: an update asks again and again. */
const compared = new WeakMap<TaskSpec, { readonly to: TaskSpec; readonly found: Difference }>();

/**
 * True when the task is not what its service's spec now asks for, so that an update must replace it
 * (SwarmKit `orchestrator.IsTaskDirty`).
 *
 * An older version alone is no reason: going back to an earlier spec leaves alone what still runs
 * it, and so do new credentials for its registry, and other words on where tasks go, as long as the
 * task's node meets the new constraints.
 */
export function isDirty(view: Pick<StoreView, "nodes">, service: Service, task: Task): boolean {
  if (task.specVersion === service.specVersion) return false;
  if (!isAlike(service, task)) return true;
  const { task: wanted } = service.spec;
  if (differenceOf(task.spec, wanted) === "none") return false;
  const node = task.nodeId === null ? undefined : view.nodes.get(task.nodeId);
  return node === undefined || !meetsConstraints(node, wanted.placement.constraints);
}

/** True when only a node that fails the service's constraints is a reason to replace the task. */
export function isAlike({ spec }: Service, task: Task): boolean {
  if (!isEqual(task.endpoint, spec.endpoint)) return false;
  const difference = differenceOf(task.spec, spec.task);
  const isPulled = task.status.state >= TaskState.READY;
  return difference !== "more" && (difference !== "credentials" || isPulled);
}

function differenceOf(spec: TaskSpec, wanted: TaskSpec): Difference {
  const known = compared.get(spec);
  if (known?.to === wanted) return known.found;
  const found = compare(spec, wanted);
  compared.set(spec, { to: wanted, found });
  return found;
}

function compare(spec: TaskSpec, wanted: TaskSpec): Difference {
  if (isEqual(spec, wanted)) return "none";
  const { constraints, preferences, maxReplicas, strategy } = spec.placement;
  const placement = { ...wanted.placement, constraints, preferences, maxReplicas, strategy };
  if (isEqual(spec, { ...wanted, placement })) return "placement";
  const container = { ...wanted.container, registryAuth: spec.container.registryAuth };
  return isEqual(spec, { ...wanted, placement, container }) ? "credentials" : "more";
}
