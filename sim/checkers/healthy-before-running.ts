import type { Task } from "../../core/model/task.ts";
import { TaskState } from "../../core/model/task-state.ts";
import type { Commit } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/** A task with a health check is called running only once its container really was healthy. */
export class HealthyBeforeRunning implements Checker {
  readonly name = "healthy-before-running";
  readonly source = "SwarmKit dockerexec controller: Start waits for the health check";
  checks = 0;
  readonly #healthy = new Set<string>();

  healthy(_host: number, task: string): void {
    this.#healthy.add(task);
  }

  committed(commit: Commit): void {
    for (const { id, previous, current } of commit.tasks) {
      if (current === null) this.#healthy.delete(id);
      if (current === null || commit.isForced || !begins(previous, current)) continue;
      this.checks += 1;
      if (this.#healthy.has(current.id)) continue;
      const detail = `${current.name} is called running before it was healthy`;
      throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
  }
}

function begins(previous: Task | null, { spec, status }: Task): boolean {
  if (spec.container.health === null || status.state !== TaskState.RUNNING) return false;
  return previous?.status.state !== TaskState.RUNNING;
}
