import { minutes } from "../../core/base/time.ts";
import { slotOf, type Task } from "../../core/model/task.ts";
import { isTerminal, isWanted, TaskState } from "../../core/model/task-state.ts";
import type { EventOf } from "../../core/store/event.ts";
import type { Commit, History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/** SwarmKit waits no longer than this for a task that does not stop. */
const longestWait = minutes(1);

/**
 * A parked replacement is started only when its delay is over and nothing else of its slot can
 * still run: its predecessors have stopped, or their node is down, or they have had a minute.
 */
export class SlotNotDoubled implements Checker {
  readonly name = "slot-not-doubled";
  readonly source = "SwarmKit orchestrator/restart: DelayStart waits for the old task";
  checks = 0;
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
  }

  committed(commit: Commit): void {
    if (commit.isForced) return;
    for (const event of commit.tasks) {
      if (!isPromotion(event)) continue;
      this.checks += 1;
      const task = event.current as Task;
      const detail = this.#tooEarly(commit, task) ?? this.#doubled(task);
      if (detail !== null) throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
  }

  #tooEarly(commit: Commit, task: Task): string | null {
    const time = commit.entry?.time ?? 0;
    return time < task.startAt ? `${task.name} starts before its restart delay is over` : null;
  }

  #doubled(task: Task): string | null {
    const { view } = this.#history;
    if (view.time - task.meta.createdAt >= longestWait) return null;
    for (const other of view.tasksOfSlot(task.serviceId, slotOf(task))) {
      if (other.id === task.id) continue;
      const { state } = other.status;
      if (other.nodeId === null || state < TaskState.ASSIGNED || isTerminal(state)) continue;
      const node = view.nodes.get(other.nodeId);
      if (node === undefined || node.status.state === "down") continue;
      if (!isWanted(other.desiredState))
        return `${task.name} starts while its predecessor still runs on ${node.id}`;
    }
    return null;
  }
}

function isPromotion({ previous, current }: EventOf<Task>): boolean {
  if (previous === null || current === null) return false;
  if (previous.desiredState === current.desiredState) return false;
  return previous.desiredState === TaskState.READY && isWanted(current.desiredState);
}

/**
 * A task is one attempt: its container is started once, whatever crashes in between, unless it is
 * by somebody else. A machine that has lost its disk knows nothing of what it did before, nor does
 * a cluster begun anew of where it had placed a task since.
 */
export class TaskRunsOnce implements Checker {
  readonly name = "task-runs-once";
  readonly source = "SwarmKit design/task_model.md: a task is one-shot";
  checks = 0;
  readonly #hosts: readonly Host[];
  /** By task, on which machine. */
  readonly #started = new Map<string, number>();

  constructor(hosts: readonly Host[]) {
    this.#hosts = hosts;
  }

  recovered({ number, rejoins }: Host): void {
    if (!rejoins) return;
    for (const [task, host] of this.#started) if (host === number) this.#started.delete(task);
  }

  started(number: number, task: string): void {
    this.checks += 1;
    const { name, executor } = this.#hosts[number] as Host;
    if (this.#started.has(task) && !executor.isMeddledWith(task)) {
      const detail = `the container of task ${task} is started a second time`;
      throw new BrokenInvariant(this.name, name, detail);
    }
    this.#started.set(task, number);
  }

  committed(commit: Commit): void {
    const { isForced } = commit;
    for (const { id, previous, current } of commit.tasks) {
      const isPlacedAnew = isForced && current !== null && current.nodeId !== previous?.nodeId;
      if (current === null || isPlacedAnew) this.#started.delete(id);
    }
  }
}
