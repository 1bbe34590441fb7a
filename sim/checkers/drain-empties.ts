import { settingsOf } from "../../core/model/cluster.ts";
import type { Node } from "../../core/model/node.ts";
import type { Task } from "../../core/model/task.ts";
import { isTerminal, isWanted, TaskState } from "../../core/model/task-state.ts";
import type { Commit, History } from "../history.ts";
import type { Host } from "../host.ts";
import type { Kernel } from "../kernel.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { SteadyLeader } from "./steady-leader.ts";

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
  readonly #leader = new SteadyLeader();
  readonly #drained = new Set<string>();
  /** A task of each drained node that should have been given up, and since when. */
  readonly #overdue = new Map<string, { readonly task: string; readonly since: number }>();

  constructor(kernel: Kernel, history: History) {
    this.#kernel = kernel;
    this.#history = history;
  }

  committed(commit: Commit): void {
    for (const { previous, current } of commit.events) {
      const node = current ?? previous;
      if (node?.kind === "node") this.#note(node, current !== null);
    }
    for (const id of this.#drained) this.#look(id);
  }

  stepped(host: Host): void {
    if (this.#overdue.size === 0) return;
    const { now } = this.#kernel;
    const leads = this.#leader.sinceStep(host, now);
    if (leads === null) return;
    this.checks += 1;
    for (const [node, { task, since }] of this.#overdue) {
      if (now - Math.max(since, leads) <= patience) continue;
      const detail = `${task} is still wanted on ${node}, which is drained`;
      throw new BrokenInvariant(this.name, host.name, detail);
    }
  }

  #note({ id, spec, status }: Node, isThere: boolean): void {
    if (isThere && spec.availability === "drain" && status.state === "ready") this.#drained.add(id);
    else if (this.#drained.delete(id)) this.#overdue.delete(id);
  }

  #look(id: string): void {
    const { view } = this.#history;
    const node = view.nodes.get(id) as Node;
    const kept = [...view.tasksOnNode(id).values()].find((task) => this.#isOverdue(node, task));
    if (kept === undefined) this.#overdue.delete(id);
    else if (this.#overdue.get(id)?.task !== kept.name) {
      this.#overdue.set(id, { task: kept.name, since: this.#kernel.now });
    }
  }

  #isOverdue({ availableSince }: Node, task: Task): boolean {
    const { view } = this.#history;
    if (!isWanted(task.desiredState) || isTerminal(task.status.state)) return false;
    const { drain } = settingsOf(view.cluster);
    const mayWait = drain.order === "start-first" && task.status.state === TaskState.RUNNING;
    return !mayWait || view.time - availableSince > drain.patience;
  }
}
