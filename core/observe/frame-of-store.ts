import { compareText, sortedById } from "../base/order.ts";
import type { StoreObject } from "../model/change.ts";
import type { Node } from "../model/node.ts";
import type { Service } from "../model/service.ts";
import { isOfPresentRun, type Task } from "../model/task.ts";
import { isTerminal, isWanted, stateName, TaskState } from "../model/task-state.ts";
import { isDirty } from "../orchestrate/dirty.ts";
import type {
  LoadFrame,
  NodeRecordFrame,
  ServiceFrame,
  TaskFrame,
  TaskStateFrame,
} from "./frame.ts";
import { tasksByService } from "./tasks-by-service.ts";

/** What is stored of nodes, services and tasks, as parts of a `ClusterFrame`. */
export interface StoreFrames {
  readonly services: readonly ServiceFrame[];
  readonly tasks: readonly TaskFrame[];
  readonly records: ReadonlyMap<string, NodeRecordFrame>;
  readonly loads: ReadonlyMap<string, LoadFrame>;
}

/** Turns stored objects into frames; `historyOf` tells which states a task has been in. */
export function storeFrames(
  objects: readonly StoreObject[],
  historyOf: (task: Task) => readonly TaskStateFrame[],
): StoreFrames {
  const nodes = objects.filter((object) => object.kind === "node");
  const services = objects.filter((object) => object.kind === "service");
  const tasks = objects.filter((object) => object.kind === "task");
  const own = tasksByService(services, tasks);
  const view = { nodes: new Map(nodes.map((node) => [node.id, node])) };
  const frames = services.map((service) =>
    serviceFrame(service, own.get(service.id) ?? [], (task) => !isDirty(view, service, task)),
  );
  const names = new Map(services.map(({ id, spec }) => [id, spec.name]));
  const nameOf = ({ serviceId }: Task) => names.get(serviceId) ?? serviceId;
  return {
    services: frames.sort((left, right) => compareText(left.name, right.name)),
    tasks: inOrder(tasks, nameOf).map((task) => taskFrame(task, nameOf(task), historyOf(task))),
    records: new Map(sortedById(nodes).map((node) => [node.id, recordFrame(node)])),
    loads: loadFrames(nodes, tasks),
  };
}

function inOrder(tasks: readonly Task[], nameOf: (task: Task) => string): Task[] {
  return [...tasks].sort(
    (left, right) =>
      compareText(nameOf(left), nameOf(right)) ||
      left.slot - right.slot ||
      left.meta.createdAt - right.meta.createdAt ||
      compareText(left.id, right.id),
  );
}

function serviceFrame(
  service: Service,
  tasks: readonly Task[],
  isUpToDate: (task: Task) => boolean,
): ServiceFrame {
  const { id, spec, updateStatus, job } = service;
  const running = tasks.filter(
    ({ status, desiredState }) => status.state === TaskState.RUNNING && isWanted(desiredState),
  );
  const completed = tasks.filter(
    (task) =>
      job !== null && isOfPresentRun(service, task) && task.status.state === TaskState.COMPLETE,
  );
  return {
    id,
    name: spec.name,
    image: spec.task.container.image,
    mode: spec.mode.kind,
    wanted: wantedOf(service, tasks),
    running: running.length,
    completed: completed.length,
    upToDate: running.filter(isUpToDate).length,
    update: updateStatus && { state: updateStatus.state, message: updateStatus.message },
  };
}

/** Of a service on every node, as Docker counts it: the nodes that have a task that is wanted. */
function wantedOf({ spec: { mode } }: Service, tasks: readonly Task[]): number {
  if (mode.kind === "replicated") return mode.replicas;
  if (mode.kind === "replicated-job") return mode.totalCompletions;
  const wanted = tasks.filter(({ desiredState }) => isWanted(desiredState));
  return new Set(wanted.map(({ nodeId }) => nodeId)).size;
}

function taskFrame(task: Task, service: string, history: readonly TaskStateFrame[]): TaskFrame {
  const { id, name, slot, nodeId, spec, status, desiredState } = task;
  return {
    id,
    name,
    service,
    slot,
    node: nodeId,
    image: spec.container.image,
    state: stateName(status.state),
    desired: stateName(desiredState),
    message: status.message,
    error: status.err,
    history,
  };
}

function recordFrame({ status, spec, role, description }: Node): NodeRecordFrame {
  const { state, message } = status;
  const { availability, desiredRole } = spec;
  return { hostname: description.hostname, state, message, availability, role, desiredRole };
}

function loadFrames(nodes: readonly Node[], tasks: readonly Task[]): Map<string, LoadFrame> {
  const loads = new Map(
    sortedById(nodes).map(({ id, description: { resources } }) => {
      const { nanoCpus: nanoCpusTotal, memoryBytes: memoryBytesTotal } = resources;
      const taken = { tasks: 0, nanoCpus: 0, memoryBytes: 0 };
      return [id, { ...taken, nanoCpusTotal, memoryBytesTotal }];
    }),
  );
  for (const { nodeId, status, spec } of tasks) {
    const load = loads.get(nodeId ?? "");
    const isThere = status.state >= TaskState.ASSIGNED && !isTerminal(status.state);
    if (load === undefined || !isThere) continue;
    load.tasks += 1;
    load.nanoCpus += spec.reservations.nanoCpus;
    load.memoryBytes += spec.reservations.memoryBytes;
  }
  return loads;
}
