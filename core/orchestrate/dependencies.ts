import { unreachable } from "../base/assert.ts";
import { type Transaction, updateOf } from "../model/change.ts";
import { changedService } from "../model/changed.ts";
import type { Service } from "../model/service.ts";
import { isOfPresentRun, type Task } from "../model/task.ts";
import { isWanted, TaskState } from "../model/task-state.ts";
import { type PlanContext, transaction } from "../plan/plan.ts";
import type { StoreView } from "../store/view.ts";
import { isLost, isOutOfSight, isRunning } from "./slot.ts";

/**
 * Keeps a service's list of what it waits for, until all it depends on runs in full at the same
 * moment: then the list is empty, its parked tasks are started, and it never waits again. Null when
 * nothing has changed.
 */
export function awaitDependencies(context: PlanContext, service: Service): Transaction | null {
  const before = service.waitsFor;
  if (before.length === 0) return null;
  const isIgnored = context.planted === "X07";
  const waitsFor = isIgnored ? [] : missingDependencies(context.view, service);
  if (waitsFor.length === before.length && waitsFor.every((name, at) => name === before[at])) {
    return null;
  }
  return transaction("orchestrator", [updateOf(changedService(service, { waitsFor }))]);
}

/** Names of the services that this one depends on and that do not run in full just now. */
export function missingDependencies(view: StoreView, { spec }: Service): string[] {
  return spec.dependsOn.filter((name) => {
    const other = view.named("service", name);
    return other === undefined || !runsInFull(view, other);
  });
}

/**
 * True when the service has all that it wants: each of its replicas runs (and so is healthy, where
 * health is checked); a job has completed as often as it should. A global service has a task on
 * every node already chosen for it that is not down, and at least one.
 */
function runsInFull(view: StoreView, service: Service): boolean {
  const tasks = [...view.tasksOfService(service.id).values()];
  const { mode } = service.spec;
  switch (mode.kind) {
    case "replicated":
      return slotsWith(tasks, (task) => serves(view, task)) >= mode.replicas;
    case "global": {
      const wanted = tasks.filter(
        (task) => isWanted(task.desiredState) && !isOutOfSight(view, task),
      );
      return wanted.length > 0 && wanted.every((task) => serves(view, task));
    }
    case "replicated-job":
      return slotsWith(tasks, (task) => isDone(service, task)) >= mode.totalCompletions;
    case "global-job": {
      const nodes = ofIteration(service, tasks).map((task) => task.nodeId);
      const done = tasks.filter((task) => isDone(service, task)).map((task) => task.nodeId);
      return nodes.length > 0 && nodes.every((node) => done.includes(node));
    }
    default:
      return unreachable(mode);
  }
}

function slotsWith(tasks: readonly Task[], isCounted: (task: Task) => boolean): number {
  return new Set(tasks.filter(isCounted).map((task) => task.slot)).size;
}

function serves(view: StoreView, task: Task): boolean {
  return isRunning(task) && task.desiredState === TaskState.RUNNING && !isLost(view, task);
}

function isDone(service: Service, task: Task): boolean {
  return isOfPresentRun(service, task) && task.status.state === TaskState.COMPLETE;
}

function ofIteration(service: Service, tasks: readonly Task[]): Task[] {
  return tasks.filter((task) => isOfPresentRun(service, task));
}
