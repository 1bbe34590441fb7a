import { isEqual } from "../../core/base/equal.ts";
import type { Service } from "../../core/model/service.ts";
import type { Task } from "../../core/model/task.ts";
import { TaskState } from "../../core/model/task-state.ts";
import type { StoreView } from "../../core/store/view.ts";
import { brokenConstraint } from "./suitability.ts";

/**
 * True when the task is not what its service asks for now, so that an update must replace it
 * (SwarmKit `orchestrator.IsTaskDirty`). Judged without the code of core that decides it. Where new
 * tasks go is no reason where its node meets the constraints, nor is what an image was pulled with.
 */
export function isOutdated(
  view: { readonly nodes: Pick<StoreView["nodes"], "get"> },
  service: Service,
  task: Task,
): boolean {
  if (task.specVersion === service.specVersion) return false;
  if (isOther(service, task)) return true;
  if (isEqual(task.spec, service.spec.task)) return false;
  const node = view.nodes.get(task.nodeId ?? "");
  return node === undefined || brokenConstraint(service.spec.task, node) !== null;
}

/** True when it differs from what its service asks for in more than such things. */
export function isOther({ spec }: Service, task: Task): boolean {
  if (!isEqual(task.endpoint, spec.endpoint)) return true;
  const { placement, container } = spec.task;
  const { affinity, antiAffinity, platforms } = task.spec.placement;
  const isPulled = task.status.state >= TaskState.READY;
  const { registryAuth } = isPulled ? container : task.spec.container;
  const excused = {
    ...task.spec,
    placement: { ...placement, affinity, antiAffinity, platforms },
    container: { ...task.spec.container, registryAuth },
  };
  return !isEqual(excused, spec.task);
}
