import { found } from "../base/gather.ts";
import type { Service } from "../model/service.ts";
import { isOfPresentRun, type Task } from "../model/task.ts";
import { isTerminal, isWanted, TaskState } from "../model/task-state.ts";
import { atOnce, type Plan, together } from "../plan/plan.ts";
import { desire } from "./new-task.ts";
import type { Slot } from "./slot.ts";
import { stop } from "./target-nodes.ts";

/** True once a task of the slot has completed: nothing is run in it again in this iteration. */
export function isDone(slot: Slot): boolean {
  return slot.tasks.some((task) => task.status.state === TaskState.COMPLETE);
}

/**
 * A task that was replaced because its node was down may have completed all the same, as is heard
 * later: then its replacement is not needed any more.
 */
export function stopRest(slot: Slot): Plan {
  const rest = slot.wanted.filter((task) => !isTerminal(task.status.state));
  return stop(rest, TaskState.SHUTDOWN);
}

/**
 * What earlier iterations still run, or were to run, is stopped and forgotten. What has ended stays
 * as its slot's history, but not that of a global job's node; all as in SwarmKit, where the history
 * has no bound.
 */
export function removeEarlier(service: Service, slots: Iterable<readonly Task[]>): Plan {
  const plans = found(slots, (tasks) => {
    const changes = found(tasks, (task) => {
      const desired = desiredOfEarlier(service, task);
      return desired === null ? null : desire(task, desired);
    });
    return changes.length === 0 ? null : atOnce("orchestrator", changes);
  });
  return together(plans);
}

/** What is to be asked of a task of an earlier run; null: nothing more, or it is of none. */
function desiredOfEarlier(service: Service, task: Task): TaskState | null {
  if (isOfPresentRun(service, task) || task.desiredState >= TaskState.REMOVE) return null;
  if (!isTerminal(task.status.state) || task.slot === 0) return TaskState.REMOVE;
  const isOver = task.status.state === TaskState.COMPLETE || !isWanted(task.desiredState);
  return isOver ? null : TaskState.SHUTDOWN;
}
