import { settingsOf } from "../../core/model/cluster.ts";
import type { Node } from "../../core/model/node.ts";
import { TaskState } from "../../core/model/task-state.ts";
import type { Member } from "../../core/node/member.ts";
import type { Kernel } from "../kernel.ts";
import type { Commit, History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { Overdue } from "./overdue.ts";

/** A leader that works without a break has this long, to commit what it has decided. */
const patience = 60_000_000;

/**
 * The tasks of a node that is down for good are given up: once the cluster's clock has passed the
 * time that the node had, whoever leads does so soon.
 */
export class OrphanedInTime implements Checker {
  readonly name = "orphaned-in-time";
  readonly source = "SwarmKit dispatcher: defaultNodeDownPeriod";
  checks = 0;
  readonly #kernel: Kernel;
  readonly #history: History;
  readonly #down = new Set<string>();
  readonly #overdue = new Overdue(patience);

  constructor(kernel: Kernel, history: History) {
    this.#kernel = kernel;
    this.#history = history;
  }

  committed(commit: Commit): void {
    for (const { id, current } of commit.nodes) this.#note(id, current);
    for (const id of this.#down) {
      if (this.#isOverdue(id)) this.#overdue.add(id, this.#kernel.now);
      else this.#overdue.delete(id);
    }
  }

  leading(host: Host, member: Member): void {
    if (this.#overdue.isAny) this.checks += 1;
    const node = this.#overdue.leftBy(host, member, this.#kernel.now);
    if (node === null) return;
    const detail = `${node} is down for longer than it may be, and its tasks are not given up`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }

  #note(id: string, node: Node | null): void {
    if (node?.status.state === "down") this.#down.add(id);
    else if (this.#down.delete(id)) this.#overdue.delete(id);
  }

  #isOverdue(id: string): boolean {
    const { view } = this.#history;
    const downSince = view.nodes.get(id)?.status.downSince ?? null;
    const { nodeDownPeriod } = settingsOf(view.cluster);
    if (downSince === null || view.time - downSince <= nodeDownPeriod) return false;
    const tasks = [...view.tasksOnNode(id).values()];
    return tasks.some(
      ({ status }) => status.state >= TaskState.ASSIGNED && status.state <= TaskState.RUNNING,
    );
  }
}
