import type { Task } from "../../core/model/task.ts";
import { TaskState } from "../../core/model/task-state.ts";
import type { Commit, History } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/**
 * A task gives up its room only where the cluster allows it, to a pending task of higher priority,
 * and on the node that is being cleared for that.
 */
export class PreemptionHolds implements Checker {
  readonly name = "preemption-holds";
  readonly source = "ours, as in Kubernetes: scheduling/preemption";
  checks = 0;
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
  }

  committed(commit: Commit): void {
    for (const { previous, current } of commit.tasks) {
      if (previous === null || current === null) continue;
      if (previous.preemptedBy !== null || current.preemptedBy === null) continue;
      this.checks += 1;
      const problem = this.#problem(current, current.preemptedBy);
      if (problem === null) continue;
      const detail = `${current.name} is to make room on ${current.nodeId} ${problem}`;
      throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
  }

  #problem(victim: Task, by: string): string | null {
    const { view } = this.#history;
    if (view.cluster?.spec.preemption !== true) return "though the cluster does not allow it";
    const task = view.tasks.get(by);
    if (task === undefined) return "for a task that does not exist";
    if (task.status.state !== TaskState.PENDING) return `for ${task.name}, which is not pending`;
    if (task.nominatedNodeId !== victim.nodeId) return `for ${task.name}, which does not go there`;
    const [higher, lower] = [task.spec.priority, victim.spec.priority];
    return higher > lower
      ? null
      : `for ${task.name}, whose priority ${higher} is not above ${lower}`;
  }
}
