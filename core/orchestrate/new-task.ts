import { newId } from "../base/id.ts";
import { after, type Duration, type Timestamp } from "../base/time.ts";
import { type Change, creationOf, updateOf } from "../model/change.ts";
import { changedTask } from "../model/changed.ts";
import { speaks } from "../model/level.ts";
import { unstored } from "../model/meta.ts";
import type { Service } from "../model/service.ts";
import { noRestarts, type RestartCount, type Task, type TaskStatus } from "../model/task.ts";
import { isTerminal, TaskState } from "../model/task-state.ts";
import { mayNameLabels } from "../model/template.ts";
import type { PlanContext } from "../plan/plan.ts";
import { countAfter, countOfUpdate } from "./restart.ts";
import { rejectionOf, type Slot } from "./slot.ts";

/** Of a task that needs nothing more than a node. */
export const pendingMessage = "pending task scheduling";

/** Which slot a new task is for. */
export type SlotId = Pick<Slot, "number" | "nodeId">;

/** What a new task goes on with, in place of another. */
export interface TaskOrigin {
  /** See `countAfter`; none of a new slot. */
  readonly restarts?: RestartCount;
  /** The task that goes on until this one runs. */
  readonly replaces?: string | null;
  /** See `goesOnWithUpdate`. */
  readonly isUpdate?: boolean;
}

/**
 * A task for `slot`, from the service as it is now, to be started at once, or as soon as the
 * service need not wait for others any more.
 */
export function newTask(
  context: PlanContext,
  service: Service,
  slot: SlotId,
  origin: TaskOrigin = {},
): Change {
  const waits = service.waitsFor.length > 0;
  const desired = waits ? TaskState.READY : startedState(service.job !== null);
  return create(context, service, slot, { desired, startAt: context.now, ...origin });
}

/** A task that is prepared at once, but started only when its turn comes (see `promote`). */
export function newParkedTask(
  context: PlanContext,
  service: Service,
  slot: SlotId,
  delay: Duration,
  origin: TaskOrigin = {},
): Change {
  const startAt = after(context.now, delay);
  return create(context, service, slot, { desired: TaskState.READY, startAt, ...origin });
}

/** A parked task's turn has come. */
export function start(task: Task): Change {
  return desire(task, startedState(task.jobIteration !== null));
}

/**
 * The task with which an update replaces those of `slot`: parked when the old one stops first, or
 * while the service itself waits for others.
 */
export function newUpdateTask(
  context: PlanContext,
  service: Service,
  slot: Slot,
  desiredState: typeof TaskState.READY | typeof TaskState.RUNNING,
): Change {
  const desired = service.waitsFor.length > 0 ? TaskState.READY : desiredState;
  const restarts = countOfUpdate(service, slot.tasks);
  const start = { desired, startAt: context.now, restarts, isUpdate: true };
  return create(context, service, slot, start);
}

/** A task on `nodeId` that takes over from one that runs on a node with more to do. */
export function newMove(context: PlanContext, service: Service, from: Task, nodeId: string): Task {
  const restarts = countAfter(service, from, context.now);
  const start = { desired: TaskState.RUNNING, startAt: context.now, restarts, replaces: from.id };
  return made(context, service, { number: from.slot, nodeId }, { isMove: true, ...start });
}

/** The same task with a higher desired state. */
export function desire(task: Task, desiredState: TaskState): Change {
  return updateOf(changedTask(task, { desiredState }));
}

/** The task, which can no longer serve, is to stop; why, where its node is no place for it now. */
export function giveUp({ view, planted }: PlanContext, task: Task): Change {
  const desiredState = TaskState.SHUTDOWN;
  const { state } = task.status;
  if (state < TaskState.ASSIGNED || isTerminal(state) || !speaks(view.cluster, "rejections")) {
    return desire(task, desiredState);
  }
  const rejectedFor = planted === "E05" ? null : rejectionOf(view, task);
  return updateOf(changedTask(task, { desiredState, ...(rejectedFor && { rejectedFor }) }));
}

/** A job's task is to run to its end. */
function startedState(isJob: boolean): TaskState {
  return isJob ? TaskState.COMPLETE : TaskState.RUNNING;
}

interface Start extends TaskOrigin {
  readonly desired: TaskState;
  readonly startAt: Timestamp;
  readonly isMove?: boolean;
}

function create(context: PlanContext, service: Service, slot: SlotId, start: Start): Change {
  return creationOf(made(context, service, slot, start));
}

function made(
  context: PlanContext,
  service: Service,
  { number, nodeId }: SlotId,
  start: Start,
): Task {
  const { desired, startAt, restarts = noRestarts, replaces = null } = start;
  const { isUpdate = false, isMove = false } = start;
  const logDriver = context.view.cluster?.spec.logDriver ?? null;
  const { labels, task } = service.spec;
  const isDefault = task.logDriver === null && logDriver !== null;
  const isLabelled = labels.size > 0 && mayNameLabels(task.container);
  return {
    kind: "task",
    id: newId(context.random),
    meta: unstored,
    serviceId: service.id,
    name: `${service.spec.name}.${number === 0 ? nodeId : number}`,
    slot: number,
    nodeId,
    spec: task,
    specVersion: service.specVersion,
    endpoint: service.spec.endpoint,
    isUpdate,
    isMove,
    jobIteration: service.job?.iteration ?? null,
    ...(isDefault ? { logDriver } : {}),
    ...(isLabelled && speaks(context.view.cluster, "templates") ? { serviceLabels: labels } : {}),
    ports: [],
    networks: [],
    assignedResources: new Map(),
    startAt,
    replaces,
    preemptedBy: null,
    nominatedNodeId: null,
    restarts,
    desiredState: desired,
    runningSince: null,
    status: firstStatus(service, context.now),
  };
}

/** The allocator is left out where it has nothing to give (in SwarmKit it sees every task). */
function firstStatus({ spec, ports }: Service, appliedAt: Timestamp): TaskStatus {
  const needs = spec.endpoint.ports.length + ports.length + spec.task.networks.length;
  const [state, message] =
    needs > 0 ? [TaskState.NEW, "created"] : [TaskState.PENDING, pendingMessage];
  return { state, appliedAt, message, err: "", exitCode: null };
}
