import { minutes } from "../../core/base/time.ts";
import type { Cluster } from "../../core/model/cluster.ts";
import type { Task } from "../../core/model/task.ts";
import { isTerminal, isWanted, TaskState } from "../../core/model/task-state.ts";
import type { Commit, History } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/**
 * Tasks are moved only where a user wants it, no more of them in a minute than the cluster is set
 * to, to nodes with less of their service; and each runs on until its successor does.
 */
export class MovesHold implements Checker {
  readonly name = "moves-hold";
  readonly source = "ours: moby/moby#24103 asks for it";
  checks = 0;
  readonly #history: History;
  /** When those of the last minute were begun. */
  readonly #begun: number[] = [];

  constructor(history: History) {
    this.#history = history;
  }

  committed(commit: Commit): void {
    for (const { previous, current } of commit.tasks) {
      if (previous !== null || current === null || !current.isMove) continue;
      if (commit.isForced) continue;
      this.checks += 1;
      const problem = this.#pace(commit, current) ?? this.#handOver(current) ?? this.#gain(current);
      if (problem === null) continue;
      const detail = `${current.name} is moved to ${current.nodeId} ${problem}`;
      throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
  }

  #pace(commit: Commit, task: Task): string | null {
    const { view } = this.#history;
    const now = commit.entry?.time ?? 0;
    const recent = this.#begun.filter((moment) => now - moment < minutes(1));
    this.#begun.splice(0, this.#begun.length, ...recent, now);
    const cluster = clusterBefore(commit) ?? view.cluster;
    const most = cluster?.spec.rebalancePerMinute ?? 0;
    if (recent.length < most) return null;
    const isAsked = view.services.get(task.serviceId)?.rebalanceRequestedAt != null;
    if (!isAsked) return `as the ${recent.length + 1}th within a minute; ${most} are allowed`;
    const others = this.#tasks(task).filter((other) => {
      const isOther = other.isMove && other.id !== task.id && isServing(other);
      return isOther && isServing(this.#history.view.tasks.get(other.replaces ?? ""));
    });
    return others.length === 0 ? null : "while another task of the service is on its way";
  }

  #handOver({ replaces }: Task): string | null {
    const from = this.#history.view.tasks.get(replaces ?? "");
    if (from?.status.state !== TaskState.RUNNING) return "from where it does not run";
    return isWanted(from.desiredState) ? null : "and stopped before it runs there";
  }

  /** Once all moves are done, the node that it goes to has at most one task more than the other. */
  #gain(task: Task): string | null {
    if (task.spec.placement.preferences.length > 0) return null;
    const from = this.#history.view.tasks.get(task.replaces ?? "");
    const last = new Map<number, Task>();
    for (const other of this.#tasks(task)) {
      if (!isServing(other)) continue;
      const known = last.get(other.slot);
      if (known === undefined || other.replaces === known.id) last.set(other.slot, other);
    }
    const on = (node: string | null | undefined): number =>
      [...last.values()].filter(({ nodeId }) => nodeId === node).length;
    const [here, there] = [on(from?.nodeId), on(task.nodeId)];
    return there <= here + 1 ? null : `where there are ${there} then, and ${here} where it was`;
  }

  #tasks({ serviceId }: Task): Task[] {
    return [...this.#history.view.tasksOfService(serviceId).values()];
  }
}

/** The cluster as the moves of an entry were decided, where the entry changes it as well. */
function clusterBefore({ events }: Commit): Cluster | null {
  const changed = events.find(({ previous }) => previous?.kind === "cluster");
  return changed?.previous?.kind === "cluster" ? changed.previous : null;
}

function isServing(task: Task | undefined): boolean {
  return task !== undefined && isWanted(task.desiredState) && !isTerminal(task.status.state);
}
