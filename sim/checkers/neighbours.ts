import type { Task } from "../../core/model/task.ts";
import { isWanted } from "../../core/model/task-state.ts";
import type { Commit, History } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { isAssignment, takesRoom } from "./placement.ts";

/**
 * A task is put only next to the tasks it tolerates: no more of its own service than the limit, no
 * service that either will not have beside it, and those that it wants.
 *
 * What was decided in an entry was decided before the rest of that entry happened, so who stops in
 * it still counts for those that want it.
 */
export class NeighboursHold implements Checker {
  readonly name = "neighbours-hold";
  readonly source = "SwarmKit scheduler MaxReplicasFilter; affinities are ours";
  checks = 0;
  readonly #history: History;
  /** The tasks that take room, by node. */
  readonly #nodes = new Map<string, Map<string, Task>>();
  /** Names of the services that are removed in this entry, by id. */
  readonly #removed = new Map<string, string>();

  constructor(history: History) {
    this.#history = history;
  }

  committed(commit: Commit): void {
    const stopped: Task[] = [];
    this.#removed.clear();
    for (const { id, previous, current } of commit.services) {
      if (current === null && previous !== null) this.#removed.set(id, previous.spec.name);
    }
    for (const event of commit.tasks) {
      const { previous, current } = event;
      if (previous !== null && isActive(previous) && !(current && isActive(current))) {
        stopped.push(previous);
      }
      if (isAssignment(event)) this.#check(commit, current as Task, stopped);
      this.#follow(previous, current);
    }
  }

  #follow(previous: Task | null, current: Task | null): void {
    if (previous !== null && takesRoom(previous)) this.#on(previous).delete(previous.id);
    if (current !== null && takesRoom(current)) this.#on(current).set(current.id, current);
  }

  #on({ nodeId }: Task): Map<string, Task> {
    const tasks = this.#nodes.get(nodeId as string) ?? new Map<string, Task>();
    this.#nodes.set(nodeId as string, tasks);
    return tasks;
  }

  #check(commit: Commit, task: Task, stopped: readonly Task[]): void {
    const others = [...this.#on(task).values()];
    if (![task, ...others].some(isChoosy)) return;
    this.checks += 1;
    const problem = this.#problem(task, others, stopped);
    if (problem === null) return;
    const detail = `${task.name} is given to ${task.nodeId}, ${problem}`;
    throw new BrokenInvariant(this.name, commit.host.name, detail);
  }

  #problem(task: Task, others: readonly Task[], stopped: readonly Task[]): string | null {
    const { maxReplicas, affinity, antiAffinity } = task.spec.placement;
    const own = others.filter((other) => other.serviceId === task.serviceId && isActive(other));
    if (maxReplicas > 0 && own.length >= maxReplicas) {
      return `which has ${own.length} of at most ${maxReplicas} tasks of the service`;
    }
    const name = this.#nameOf(task);
    for (const other of others) {
      if (other.spec.placement.antiAffinity.includes(name))
        return `next to ${other.name}, which won't have it`;
      if (antiAffinity.includes(this.#nameOf(other)))
        return `next to ${other.name}, which it won't have`;
    }
    const before = stopped.filter(({ nodeId }) => nodeId === task.nodeId);
    const near = new Set([...others.filter(isActive), ...before].map((each) => this.#nameOf(each)));
    const missing = affinity.find((wanted) => !near.has(wanted));
    return missing === undefined ? null : `which has no task of ${missing}`;
  }

  /** Of a service that was gone before there is no name; nothing can be said of it. */
  #nameOf({ serviceId }: Task): string {
    const { services } = this.#history.view;
    return services.get(serviceId)?.spec.name ?? this.#removed.get(serviceId) ?? "";
  }
}

function isChoosy({ spec: { placement } }: Task): boolean {
  const { maxReplicas, affinity, antiAffinity } = placement;
  return maxReplicas > 0 || affinity.length > 0 || antiAffinity.length > 0;
}

function isActive(task: Task): boolean {
  return takesRoom(task) && isWanted(task.desiredState);
}
