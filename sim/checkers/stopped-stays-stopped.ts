import { TaskState } from "../../core/model/task-state.ts";
import type { Commit } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/**
 * What a node has asked to stop it does not start, after its daemon was killed either; unless the
 * cluster was begun anew from before that.
 */
export class StoppedStaysStopped implements Checker {
  readonly name = "stopped-stays-stopped";
  readonly source =
    "SwarmKit agent/worker.go: what a task is to be is put into the node's database";
  checks = 0;
  readonly #hosts: readonly Host[];
  /** Tasks that a cluster begun anew wants again. */
  readonly #wantedAgain = new Set<string>();

  constructor(hosts: readonly Host[]) {
    this.#hosts = hosts;
  }

  committed({ tasks, isForced }: Commit): void {
    for (const { id, previous, current } of isForced ? tasks : []) {
      const before = previous?.desiredState ?? TaskState.REMOVE;
      if (current !== null && current.desiredState < before) this.#wantedAgain.add(id);
    }
  }

  started(host: number, task: string): void {
    this.checks += 1;
    const { executor, name } = this.#hosts[host] as Host;
    if (!executor.isUnwanted(task) || this.#wantedAgain.has(task)) return;
    const detail = `${task} is started on ${name}, which was asked to stop it before`;
    throw new BrokenInvariant(this.name, name, detail);
  }
}
