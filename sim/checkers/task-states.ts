import type { Task } from "../../core/model/task.ts";
import { mayStep, stateName, stepOwner, TaskState } from "../../core/model/task-state.ts";
import type { StoreEvent } from "../../core/store/event.ts";
import type { Commit } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/** A task's state only advances, each step by the actor that owns it; and a task never moves. */
export class TaskStatesAdvance implements Checker {
  readonly name = "task-states-advance";
  readonly source = "SwarmKit design/tla/Tasks.tla: StepTransitionsOK";
  checks = 0;

  committed(commit: Commit): void {
    if (commit.isForced) return;
    for (const event of commit.events) {
      const task = event.current;
      if (task?.kind !== "task") continue;
      this.checks += 1;
      const detail = wrongStep(event, event.previous as Task | null, task);
      if (detail !== null) throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
  }
}

function wrongStep(event: StoreEvent, previous: Task | null, task: Task): string | null {
  const from = previous?.status.state ?? null;
  const to = task.status.state;
  if (previous !== null && previous.nodeId !== null && previous.nodeId !== task.nodeId) {
    return `task ${task.name} moves from ${previous.nodeId} to ${task.nodeId}`;
  }
  if (from === to) return null;
  // A user has removed its node (SwarmKit `controlapi.RemoveNode`).
  if (to === TaskState.ORPHANED && event.actor === "control") return null;
  const owner = stepOwner(from, to);
  const step = `from ${from === null ? "nothing" : stateName(from)} to ${stateName(to)}`;
  if (mayStep(event.actor, from, to)) return null;
  if (owner === null) return `task ${task.name} goes ${step}, which is no legal step`;
  return `task ${task.name} goes ${step} by the ${event.actor}; the step is the ${owner}'s`;
}

/**
 * What is wanted of a task only rises: what was asked to stop is never started again. It is the
 * orchestrator who decides, and a user who has the task removed.
 */
export class DesiredStateRises implements Checker {
  readonly name = "desired-state-rises";
  readonly source = "SwarmKit design/task_model.md: desired state is monotonic";
  checks = 0;

  committed(commit: Commit): void {
    if (commit.isForced) return;
    for (const { actor, previous, current } of commit.events) {
      if (previous?.kind !== "task" || current?.kind !== "task") continue;
      const [before, after] = [previous.desiredState, current.desiredState];
      if (before === after) continue;
      this.checks += 1;
      const step = `${stateName(before)} to ${stateName(after)}`;
      const change = `desired state of ${current.name} goes from ${step}`;
      if (after < before) throw new BrokenInvariant(this.name, commit.host.name, change);
      const isRemoval = actor === "control" && after === TaskState.REMOVE;
      if (actor !== "orchestrator" && !isRemoval) {
        throw new BrokenInvariant(this.name, commit.host.name, `${change} by the ${actor}`);
      }
    }
  }
}
