import type { Task } from "../../core/model/task.ts";
import { isTerminal, TaskState } from "../../core/model/task-state.ts";
import type { Commit } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";

/** A node that speaks with one leader without a break has this long to clean up. */
const patience = 60_000_000;
/** A node that does nothing for this long was paused: its time does not count. */
const longestStep = 5_000_000;

/** What a machine has yet to remove, and since when it could have. */
interface Leftovers {
  readonly since: Map<string, number>;
  leader: string | null;
  seenAt: number;
}

/**
 * The container of a task that has ended is there for as long as the cluster knows of the task, so
 * that one can ask it why; and no longer: once the task is forgotten or given up it goes too.
 */
export class ContainersFollowTasks implements Checker {
  readonly name = "containers-follow-tasks";
  readonly source = "SwarmKit agent: a task is removed with its assignment";
  checks = 0;
  readonly #world: CheckedWorld;
  readonly #overdue = new Map<string, Leftovers>();
  /**
   * Tasks whose containers may be gone: a machine found them that had lost its disk, or the cluster
   * that came before had forgotten them, or removed their node.
   */
  readonly #strange = new Set<string>();

  constructor(world: CheckedWorld) {
    this.#world = world;
  }

  /** What its node knows nothing of it removes. */
  recovered({ executor, rejoins }: Host): void {
    if (rejoins) for (const { task } of executor.existing()) this.#strange.add(task);
  }

  committed(commit: Commit): void {
    if (commit.isForced) this.#goBack(commit);
    for (const { previous, current } of commit.tasks) {
      if (previous === null || previous.nodeId === null) continue;
      if (current === null) this.#forgotten(previous);
      else if (isGivenUp(current)) this.#mustGo(previous);
    }
  }

  #goBack({ tasks, nodes }: Commit): void {
    for (const { id, previous } of tasks) if (previous === null) this.#strange.add(id);
    for (const { id, previous } of nodes) {
      if (previous !== null) continue;
      for (const task of this.#world.history.view.tasksOnNode(id).keys()) this.#strange.add(task);
    }
  }

  atWork(host: Host): void {
    const overdue = this.#overdue.size === 0 ? undefined : this.#overdue.get(host.name);
    if (overdue === undefined) return;
    const { now } = this.#world.kernel;
    const leader = host.node?.agent.leader ?? null;
    const isSteady = now - overdue.seenAt <= longestStep && leader === overdue.leader;
    overdue.leader = leader;
    overdue.seenAt = now;
    this.checks += 1;
    for (const [task, since] of overdue.since) {
      if (!host.executor.has(task)) overdue.since.delete(task);
      else if (!isSteady || leader === null || host.executor.isHung) overdue.since.set(task, now);
      else if (now - since > patience) this.#fail(host, `still has a container of ${task}`);
    }
    if (overdue.since.size === 0) this.#overdue.delete(host.name);
  }

  #forgotten(task: Task): void {
    const { status, nodeId } = task;
    const host = this.#world.named.get(nodeId as string);
    this.#mustGo(task);
    if (host === undefined || !hasRun(task) || this.#strange.delete(task.id)) return;
    const node = this.#world.history.view.nodes.get(nodeId as string);
    if (node === undefined || node.status.state === "down") return;
    this.checks += 1;
    if (host.executor.has(task.id) || host.executor.isMeddledWith(task.id)) return;
    this.#fail(host, `has removed the container of ${task.name}, exit code ${status.exitCode}`);
  }

  #mustGo({ id, nodeId }: Task): void {
    const { now } = this.#world.kernel;
    const host = nodeId as string;
    const overdue = this.#overdue.get(host) ?? { since: new Map(), leader: null, seenAt: now };
    if (!overdue.since.has(id)) overdue.since.set(id, now);
    this.#overdue.set(host, overdue);
  }

  #fail(host: Host, what: string): never {
    throw new BrokenInvariant(this.name, host.name, `${host.name} ${what}`);
  }
}

/** Its node is told to drop it, whatever became of it there. */
function isGivenUp({ status }: Task): boolean {
  return status.state === TaskState.REJECTED || status.state === TaskState.ORPHANED;
}

/** Its container has run and ended by itself, and its node has said so. */
function hasRun(task: Task): boolean {
  const { status } = task;
  return isTerminal(status.state) && status.exitCode !== null && !isGivenUp(task);
}
