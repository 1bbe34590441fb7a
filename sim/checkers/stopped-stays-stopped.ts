import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/** What a node has asked to stop it does not start, after its daemon was killed either. */
export class StoppedStaysStopped implements Checker {
  readonly name = "stopped-stays-stopped";
  readonly source =
    "SwarmKit agent/worker.go: what a task is to be is put into the node's database";
  checks = 0;
  readonly #hosts: readonly Host[];

  constructor(hosts: readonly Host[]) {
    this.#hosts = hosts;
  }

  started(host: number, task: string): void {
    this.checks += 1;
    const { executor, name } = this.#hosts[host] as Host;
    if (!executor.isUnwanted(task)) return;
    const detail = `${task} is started on ${name}, which was asked to stop it before`;
    throw new BrokenInvariant(this.name, name, detail);
  }
}
