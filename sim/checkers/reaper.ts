import { settingsOf } from "../../core/model/cluster.ts";
import type { Service } from "../../core/model/service.ts";
import { isOfPresentRun, type Task } from "../../core/model/task.ts";
import { isTerminal, isWanted, stateName, TaskState } from "../../core/model/task-state.ts";
import { isUpdating } from "../../core/model/update-config.ts";
import type { Kernel } from "../kernel.ts";
import type { Commit, History } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { type SlotTasks, slotNameOf } from "./slot-tasks.ts";

/** The reaper forgets only what has stopped, or what no node ever had and nobody wants. */
export class ReaperTable implements Checker {
  readonly name = "reaper-table";
  readonly source = "SwarmKit design/tla/Tasks.tla: new, pending and final states to null";
  checks = 0;

  committed(commit: Commit): void {
    for (const { actor, previous, current } of commit.tasks) {
      if (actor !== "reaper" || previous === null || current !== null) continue;
      this.checks += 1;
      const { desiredState, name, status } = previous;
      const wasNever = status.state < TaskState.ASSIGNED && !isWanted(desiredState);
      if (wasNever || isTerminal(status.state)) continue;
      const detail = `${name} is forgotten in state ${stateName(status.state)}`;
      throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
  }
}

/** A slot may have more tasks than the limit for this long, and for this many entries. */
const patience = 60_000_000;
const patienceEntries = 20;

interface Excess {
  readonly task: Task;
  readonly since: number;
  readonly index: number;
}

/**
 * A slot keeps no more tasks than the limit says. Not counted are those that have not stopped, what
 * a job has completed in its present iteration, and slots whose policy counts its attempts within a
 * window.
 */
export class HistoryBounded implements Checker {
  readonly name = "history-bounded";
  readonly source = "SwarmKit orchestrator/taskreaper; moby/moby#35637, #37520";
  checks = 0;
  readonly #kernel: Kernel;
  readonly #history: History;
  readonly #slotTasks: SlotTasks;
  readonly #excess = new Map<string, Excess>();

  constructor(kernel: Kernel, history: History, slotTasks: SlotTasks) {
    this.#kernel = kernel;
    this.#history = history;
    this.#slotTasks = slotTasks;
  }

  committed(commit: Commit): void {
    this.#slotTasks.follow(commit);
    for (const { previous, current } of commit.tasks) {
      this.#look(commit, (current ?? previous) as Task);
    }
    for (const [slot, { task, since, index }] of this.#excess) {
      this.checks += 1;
      const isOverdue = this.#kernel.now - since > patience;
      if (!isOverdue || commit.index - index < patienceEntries) continue;
      if (!this.#isOver(task)) {
        this.#excess.delete(slot);
        continue;
      }
      const detail = `the slot of ${task.name} has kept more tasks than the limit for a minute`;
      throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
  }

  #look(commit: Commit, task: Task): void {
    const isOver = this.#isOver(task);
    if (!isOver && this.#excess.size === 0) return;
    const slot = slotNameOf(task);
    if (!isOver) this.#excess.delete(slot);
    else if (!this.#excess.has(slot)) {
      this.#excess.set(slot, { task, since: this.#kernel.now, index: commit.index });
    }
  }

  #isOver(task: Task): boolean {
    const { view } = this.#history;
    const service = view.services.get(task.serviceId);
    if (service === undefined) return false;
    const limit = settingsOf(view.cluster).taskHistoryRetentionLimit;
    if (limit < 0) return false;
    const kept = this.#slotTasks.with(task);
    if (kept.size <= Math.max(1, limit)) return false;
    const tasks = [...kept.values()];
    if (tasks.some(({ spec }) => spec.restart.maxAttempts > 0 && spec.restart.window > 0))
      return false;
    tasks.sort((left, right) => left.meta.createdAt - right.meta.createdAt);
    const surplus = tasks.slice(0, Math.max(0, tasks.length - Math.max(1, limit)));
    const counts = isUpdating(service.updateStatus);
    return surplus.some(
      (other) =>
        isTerminal(other.status.state) && isPast(service, other) && !(counts && other.isUpdate),
    );
  }
}

/** True when nothing hangs on the task any more. */
function isPast(service: Service, task: Task): boolean {
  if (!isOfPresentRun(service, task)) return true;
  const hasCompleted = service.job !== null && task.status.state === TaskState.COMPLETE;
  return !isWanted(task.desiredState) && !hasCompleted;
}
