import type { Commit } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/** A node that was removed is never in the cluster again, and is given no task. */
export class RemovedStaysOut implements Checker {
  readonly name = "removed-stays-out";
  readonly source = "SwarmKit controlapi RemoveNode: its certificate is blacklisted";
  checks = 0;
  readonly #removed = new Set<string>();

  committed({ nodes, tasks, host, isForced }: Commit): void {
    for (const { id, current } of nodes) {
      if (isForced) this.#removed.delete(id);
      else if (current === null) this.#removed.add(id);
      else this.#check(host.name, id, "is in the cluster again");
    }
    for (const { previous, current } of tasks) {
      if (current === null || previous !== null || current.nodeId === null || isForced) continue;
      this.#check(host.name, current.nodeId, `is to run ${current.name}`);
    }
  }

  #check(host: string, node: string, what: string): void {
    this.checks += 1;
    if (!this.#removed.has(node)) return;
    throw new BrokenInvariant(this.name, host, `${node} was removed, and ${what}`);
  }
}
