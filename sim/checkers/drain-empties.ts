import { settingsOf } from "../../core/model/cluster.ts";
import type { Node } from "../../core/model/node.ts";
import type { Task } from "../../core/model/task.ts";
import { isTerminal, isWanted, TaskState } from "../../core/model/task-state.ts";
import type { Member } from "../../core/node/member.ts";
import type { Kernel } from "../kernel.ts";
import type { Commit, History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { Overdue } from "./overdue.ts";

/** A leader that works without a break has this long, to commit what it has decided. */
const patience = 30_000_000;

/**
 * A node that is drained gives up all its tasks: at once, or where a replacement is to run first,
 * once the cluster's patience is over, whether one fits or not.
 */
export class DrainEmpties implements Checker {
  readonly name = "drain-empties";
  readonly source = "SwarmKit orchestrator.InvalidNode; our own: drain.patience (moby/moby#34139)";
  checks = 0;
  readonly #kernel: Kernel;
  readonly #history: History;
  /** Drained nodes, each with the task there that should have been given up; null: none. */
  readonly #drained = new Map<string, string | null>();
  readonly #overdue = new Overdue(patience);

  constructor(kernel: Kernel, history: History) {
    this.#kernel = kernel;
    this.#history = history;
  }

  committed(commit: Commit): void {
    for (const { id, current } of commit.nodes) this.#note(id, current);
    for (const id of this.#drained.keys()) this.#look(id);
  }

  leading(host: Host, member: Member): void {
    if (this.#overdue.isAny) this.checks += 1;
    const node = this.#overdue.leftBy(host, member, this.#kernel.now);
    if (node === null) return;
    const detail = `${this.#drained.get(node)} is still wanted on ${node}, which is drained`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }

  #note(id: string, node: Node | null): void {
    const isDrained = node?.spec.availability === "drain" && node.status.state === "ready";
    if (!isDrained && this.#drained.delete(id)) this.#overdue.delete(id);
    if (isDrained && !this.#drained.has(id)) this.#drained.set(id, null);
  }

  #look(id: string): void {
    const { view } = this.#history;
    const node = view.nodes.get(id) as Node;
    const kept = [...view.tasksOnNode(id).values()].find((task) => this.#isOverdue(node, task));
    const task = kept?.name ?? null;
    if (task === this.#drained.get(id)) return;
    this.#drained.set(id, task);
    this.#overdue.delete(id);
    if (task !== null) this.#overdue.add(id, this.#kernel.now);
  }

  #isOverdue({ availableSince }: Node, task: Task): boolean {
    const { view } = this.#history;
    if (!isWanted(task.desiredState) || isTerminal(task.status.state)) return false;
    const { drain } = settingsOf(view.cluster);
    const mayWait = drain.order === "start-first" && task.status.state === TaskState.RUNNING;
    return !mayWait || view.time - availableSince > drain.patience;
  }
}
