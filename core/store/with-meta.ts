import type { StoreObject } from "../model/change.ts";
import type { Meta } from "../model/meta.ts";
import type { Task } from "../model/task.ts";

/** The same object with what the store keeps about it. */
export function withMeta(
  object: StoreObject,
  previous: StoreObject | null,
  meta: Meta,
): StoreObject {
  if (object.kind === "task") return taskWithMeta(object, meta);
  if (object.kind !== "node") return { ...object, meta };
  const isNews =
    previous?.kind !== "node" || previous.spec.availability !== object.spec.availability;
  return { ...object, meta, ...(isNews ? { availableSince: meta.updatedAt } : {}) };
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
    endpoint: task.endpoint,
    isUpdate: task.isUpdate,
    isMove: task.isMove,
    jobIteration: task.jobIteration,
    ports: task.ports,
    networks: task.networks,
    assignedResources: task.assignedResources,
    replaces: task.replaces,
    preemptedBy: task.preemptedBy,
    nominatedNodeId: task.nominatedNodeId,
    startAt: task.startAt,
    restarts: task.restarts,
    desiredState: task.desiredState,
    runningSince: task.runningSince,
    status: task.status,
  };
}
