import type { StoreObject } from "../model/change.ts";
import type { Meta } from "../model/meta.ts";
import type { Task } from "../model/task.ts";

/** The same object with what the store keeps about it. */
export function withMeta(object: StoreObject, meta: Meta): StoreObject {
  return object.kind === "task" ? taskWithMeta(object, meta) : { ...object, meta };
}

/** Field by field, since tasks change most: engines clone an object of many shapes slowly. */
function taskWithMeta(task: Task, meta: Meta): Task {
  return {
    kind: "task",
    id: task.id,
    meta,
    serviceId: task.serviceId,
    name: task.name,
    slot: task.slot,
    nodeId: task.nodeId,
    spec: task.spec,
    specVersion: task.specVersion,
    jobIteration: task.jobIteration,
    ports: task.ports,
    assignedResources: task.assignedResources,
    startAt: task.startAt,
    desiredState: task.desiredState,
    runningSince: task.runningSince,
    status: task.status,
  };
}
