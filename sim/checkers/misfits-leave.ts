import type { Task } from "../../core/model/task.ts";
import { isTerminal, isWanted } from "../../core/model/task-state.ts";
import type { Member } from "../../core/node/member.ts";
import type { Kernel } from "../kernel.ts";
import type { Commit, History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { misplaced } from "./misplaced.ts";
import { Overdue } from "./overdue.ts";

/** A leader that works without a break has this long, to commit what it has decided. */
const patience = 30_000_000;

/** What a node has become is no place for some of its tasks: those are given up. */
export class MisfitsLeave implements Checker {
  readonly name = "misfits-leave";
  readonly source = "SwarmKit orchestrator/constraintenforcer";
  checks = 0;
  readonly #kernel: Kernel;
  readonly #history: History;
  /** Nodes that have changed, and may have tasks since that do not fit them. */
  readonly #suspects = new Set<string>();
  readonly #overdue = new Overdue(patience);
  /** The tasks that should have been given up, with what their nodes are or have not. */
  readonly #misfits = new Map<string, string>();

  constructor(kernel: Kernel, history: History) {
    this.#kernel = kernel;
    this.#history = history;
  }

  committed({ nodes, services }: Commit): void {
    const { view } = this.#history;
    for (const { id } of nodes) this.#suspects.add(id);
    for (const { id } of services) {
      for (const { nodeId } of view.tasksOfService(id).values()) {
        if (nodeId !== null) this.#suspects.add(nodeId);
      }
    }
    if (this.#suspects.size > 0) this.#look();
  }

  leading(host: Host, member: Member): void {
    if (this.#overdue.isAny) this.checks += 1;
    const id = this.#overdue.leftBy(host, member, this.#kernel.now);
    if (id === null) return;
    const { name, nodeId } = this.#history.view.tasks.get(id) as Task;
    const detail = `${name} is still wanted on ${nodeId}, which ${this.#misfits.get(id)}`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }

  #look(): void {
    const found = new Map<string, string>();
    for (const node of this.#suspects) {
      const before = found.size;
      for (const task of this.#history.view.tasksOnNode(node).values()) {
        const problem = this.#problem(task);
        if (problem !== null) found.set(task.id, problem);
      }
      if (found.size === before) this.#suspects.delete(node);
    }
    for (const id of this.#misfits.keys()) if (!found.has(id)) this.#overdue.delete(id);
    this.#misfits.clear();
    for (const [id, problem] of found) {
      this.#misfits.set(id, problem);
      this.#overdue.add(id, this.#kernel.now);
    }
  }

  #problem(task: Task): string | null {
    const { view } = this.#history;
    const service = view.services.get(task.serviceId);
    if (service === undefined || !isWanted(task.desiredState)) return null;
    return isTerminal(task.status.state) ? null : misplaced(view, service, task);
  }
}
