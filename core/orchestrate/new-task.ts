import { newId } from "../base/id.ts";
import { after, type Duration, type Timestamp } from "../base/time.ts";
import type { Change } from "../model/change.ts";
import { unstored } from "../model/meta.ts";
import type { Service } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";
import type { PlanContext } from "../plan/plan.ts";
import type { Slot } from "./slot.ts";

/** Which slot a new task is for. */
export type SlotId = Pick<Slot, "number" | "nodeId">;

/** A task for `slot`, from the service as it is now, to be started at once. */
export function newTask(context: PlanContext, service: Service, slot: SlotId): Change {
  return create(context, service, slot, TaskState.RUNNING, context.now);
}

/** A task that is prepared at once, but started only when its turn comes (see `promote`). */
export function newParkedTask(
  context: PlanContext,
  service: Service,
  slot: SlotId,
  delay: Duration,
): Change {
  return create(context, service, slot, TaskState.READY, after(context.now, delay));
}

/** The task with which an update replaces those of `slot`, parked when the old one stops first. */
export function newUpdateTask(
  context: PlanContext,
  service: Service,
  slot: SlotId,
  desiredState: typeof TaskState.READY | typeof TaskState.RUNNING,
): Change {
  return create(context, service, slot, desiredState, context.now, true);
}

/** The same task with a higher desired state. */
export function desire(task: Task, desiredState: TaskState): Change {
  return { kind: "update", object: { ...task, desiredState } };
}

function create(
  context: PlanContext,
  service: Service,
  { number, nodeId }: SlotId,
  desiredState: TaskState,
  startAt: Timestamp,
  isUpdate = false,
): Change {
  const object: Task = {
    kind: "task",
    id: newId(context.random),
    meta: unstored,
    serviceId: service.id,
    name: `${service.spec.name}.${nodeId ?? number}`,
    slot: number,
    nodeId,
    spec: service.spec.task,
    specVersion: service.specVersion,
    endpoint: service.spec.endpoint,
    isUpdate,
    jobIteration: service.job?.iteration ?? null,
    ports: [],
    assignedResources: new Map(),
    startAt,
    desiredState,
    runningSince: null,
    status: {
      state: TaskState.NEW,
      appliedAt: context.now,
      message: "created",
      err: "",
      exitCode: null,
    },
  };
  return { kind: "create", object };
}
