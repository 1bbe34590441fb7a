import { newId } from "../base/id.ts";
import { after, type Duration, type Timestamp } from "../base/time.ts";
import type { Change } from "../model/change.ts";
import { unstored } from "../model/meta.ts";
import type { Service } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";
import type { PlanContext } from "../plan/plan.ts";

/** A task for `slot`, from the service as it is now, to be started at once. */
export function newTask(context: PlanContext, service: Service, slot: number): Change {
  return create(context, service, slot, TaskState.RUNNING, context.now);
}

/** A task that is prepared at once, but started only when its turn comes (see `promote`). */
export function newParkedTask(
  context: PlanContext,
  service: Service,
  slot: number,
  delay: Duration,
): Change {
  return create(context, service, slot, TaskState.READY, after(context.now, delay));
}

/** The same task with a higher desired state. */
export function desire(task: Task, desiredState: TaskState): Change {
  return { kind: "update", object: { ...task, desiredState } };
}

function create(
  context: PlanContext,
  service: Service,
  slot: number,
  desiredState: TaskState,
  startAt: Timestamp,
): Change {
  const object: Task = {
    kind: "task",
    id: newId(context.random),
    meta: unstored,
    serviceId: service.id,
    name: `${service.spec.name}.${slot}`,
    slot,
    nodeId: null,
    spec: service.spec.task,
    specVersion: service.specVersion,
    startAt,
    desiredState,
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
