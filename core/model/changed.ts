import type { Cluster } from "./cluster.ts";
import type { Meta } from "./meta.ts";
import type { Node } from "./node.ts";
import type { Service } from "./service.ts";
import type { Task, TaskStatus } from "./task.ts";

/*
 * What changes most, with some of its fields changed. Each is copied field by field: engines clone
 * an object of many fields slowly, and clones of clones have ever new shapes, which makes slow
 * whatever reads them.
 */

export function changedTask(task: Task, change: Partial<Task>): Task {
  return Object.assign(taskAt(task, task.meta), change);
}

/** The same task with other `meta`. */
export function taskAt(task: Task, meta: Meta): Task {
  const { logDriver, serviceLabels, rejectedFor } = task;
  const copy: Task = {
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
  if (!(logDriver || serviceLabels || rejectedFor)) return copy;
  return Object.assign(
    copy,
    logDriver && { logDriver },
    serviceLabels && { serviceLabels },
    rejectedFor && { rejectedFor },
  );
}

export function changedStatus(status: TaskStatus, change: Partial<TaskStatus>): TaskStatus {
  const { state, appliedAt, message, err, exitCode, isLost, hostPorts } = status;
  const copy: TaskStatus = { state, appliedAt, message, err, exitCode };
  return Object.assign(copy, isLost && { isLost }, hostPorts && { hostPorts }, change);
}

export function changedNode(node: Node, change: Partial<Node>): Node {
  const copy: Node = {
    kind: "node",
    id: node.id,
    meta: node.meta,
    spec: node.spec,
    description: node.description,
    status: node.status,
    availableSince: node.availableSince,
    role: node.role,
    raftId: node.raftId,
    certificate: node.certificate,
  };
  return Object.assign(copy, change);
}

export function changedService(service: Service, change: Partial<Service>): Service {
  const copy: Service = {
    kind: "service",
    id: service.id,
    meta: service.meta,
    spec: service.spec,
    specVersion: service.specVersion,
    previousSpec: service.previousSpec,
    updateStatus: service.updateStatus,
    ports: service.ports,
    waitsFor: service.waitsFor,
    job: service.job,
    rebalanceRequestedAt: service.rebalanceRequestedAt,
  };
  return Object.assign(copy, change);
}

export function changedCluster(cluster: Cluster, change: Partial<Cluster>): Cluster {
  const copy: Cluster = {
    kind: "cluster",
    id: "cluster",
    meta: cluster.meta,
    spec: cluster.spec,
    overlays: cluster.overlays,
    incarnation: cluster.incarnation,
    level: cluster.level,
    founders: cluster.founders,
    removedNodes: cluster.removedNodes,
    slowBeatsUntil: cluster.slowBeatsUntil,
    ca: cluster.ca,
    lock: cluster.lock,
  };
  return Object.assign(copy, change);
}
