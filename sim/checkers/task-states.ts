import type { Actor } from "../../core/model/change.ts";
import type { Task } from "../../core/model/task.ts";
import { mayStep, stateName, stepOwner, TaskState } from "../../core/model/task-state.ts";
import type { Commit } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/** A task's state only advances, each step by the actor that owns it; and a task never moves. */
export class TaskStatesAdvance implements Checker {
  readonly name = "task-states-advance";
  readonly source = "SwarmKit design/tla/Tasks.tla: StepTransitionsOK";
  checks = 0;
  /** Tasks that a cluster begun anew knew less of than the nodes that run them. */
  readonly #behind = new Set<string>();

  committed(commit: Commit): void {
    if (commit.isForced) return this.#goBack(commit);
    for (const { id, actor, previous, current } of commit.tasks) {
      if (current === null) continue;
      if (actor === "agent" && this.#behind.delete(id)) continue;
      this.checks += 1;
      const detail = wrongStep(actor, previous, current);
      if (detail !== null) throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
  }

  #goBack({ tasks }: Commit): void {
    for (const { id, previous, current } of tasks) {
      if (current !== null && isBefore(previous, current)) this.#behind.add(id);
    }
  }
}

function isBefore(previous: Task | null, task: Task): boolean {
  return previous === null || task.status.state < previous.status.state;
}

function wrongStep(actor: Actor, previous: Task | null, task: Task): string | null {
  const from = previous?.status.state ?? null;
  const to = task.status.state;
  if (previous !== null && previous.nodeId !== null && previous.nodeId !== task.nodeId) {
    return `task ${task.name} moves from ${previous.nodeId} to ${task.nodeId}`;
  }
  const reason = previous?.rejectedFor;
  if (reason !== undefined && reason !== task.rejectedFor) {
    return `task ${task.name} was taken from its node for another reason before: ${reason}`;
  }
  if (from === to) return null;
  if (to === TaskState.REJECTED && actor === "enforcer" && reason === undefined) {
    return `task ${task.name} is rejected, and nothing said so when it was asked to stop`;
  }
  if (to === TaskState.SHUTDOWN && reason !== undefined) {
    return `task ${task.name} ends as if it had not been taken from its node for its ${reason}`;
  }
  // A user has removed its node (SwarmKit `controlapi.RemoveNode`).
  if (to === TaskState.ORPHANED && actor === "control") return null;
  if (mayStep(actor, from, to)) return null;
  const owner = stepOwner(from, to);
  const step = `from ${from === null ? "nothing" : stateName(from)} to ${stateName(to)}`;
  if (owner === null) return `task ${task.name} goes ${step}, which is no legal step`;
  return `task ${task.name} goes ${step} by the ${actor}; the step is the ${owner}'s`;
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
    for (const { actor, previous, current } of commit.tasks) {
      if (previous === null || current === null) continue;
      const [before, after] = [previous.desiredState, current.desiredState];
      if (before === after) continue;
      this.checks += 1;
      const isRemoval = actor === "control" && after === TaskState.REMOVE;
      if (after > before && (actor === "orchestrator" || isRemoval)) continue;
      const step = `${stateName(before)} to ${stateName(after)}`;
      const detail = `desired state of ${current.name} goes from ${step} by the ${actor}`;
      throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
  }
}
