import type { Node } from "../../core/model/node.ts";
import { isOnEveryNode, type Service } from "../../core/model/service.ts";
import type { Task } from "../../core/model/task.ts";
import { isTerminal, isWanted, TaskState } from "../../core/model/task-state.ts";
import { isRollback, isUpdating } from "../../core/model/update-config.ts";
import type { Member } from "../../core/node/member.ts";
import type { StoreView } from "../../core/store/view.ts";
import type { Kernel } from "../kernel.ts";
import type { Commit, History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { isInvalidNode } from "./misplaced.ts";
import { SteadyLeader } from "./steady-leader.ts";

/** Beyond the deadline: a leader that works without a break has this long to pause the update. */
const patience = 30_000_000;
/** A leader's clock may be slower than the world's by this much of the deadline. */
const drift = 0.5;

/**
 * An update waits for the user once none of its tasks has come up, or failed, for as long as its
 * progress deadline, while one of them is still to. The time is counted under one leader, whose
 * clock the cluster's follows; for a service with a task on each node only once that leader has
 * heard of every node, or has called it down, since the update rests before.
 */
export class ProgressDeadlineHolds implements Checker {
  readonly name = "progress-deadline-holds";
  readonly source = "our own: progressDeadline (SwarmKit's worker waits for ever)";
  checks = 0;
  readonly #kernel: Kernel;
  readonly #history: History;
  readonly #leader = new SteadyLeader();
  /** When each service that is being updated last got on. */
  readonly #movedAt = new Map<string, number>();
  /** When a node that a new leader knew nothing of was last heard of, or called down. */
  #knownAt = 0;

  constructor(kernel: Kernel, history: History) {
    this.#kernel = kernel;
    this.#history = history;
  }

  committed({ services, tasks, nodes }: Commit): void {
    const isKnown = nodes.some(
      ({ previous, current }) => isUnknown(previous) && !isUnknown(current),
    );
    if (isKnown) this.#knownAt = this.#kernel.now;
    for (const { id, current } of services) this.#note(id, current);
    for (const { previous, current } of tasks) {
      if (current === null || !this.#movedAt.has(current.serviceId)) continue;
      if (isMove(previous, current)) this.#moved(current.serviceId);
    }
  }

  leading(host: Host, member: Member): void {
    const { now } = this.#kernel;
    const leads = this.#leader.sinceStep(host, member.raft, now);
    for (const [id, movedAt] of this.#movedAt) {
      this.checks += 1;
      const service = this.#history.view.services.get(id) as Service;
      const rests = isOnEveryNode(service.spec) ? this.#knownAt : 0;
      const span = now - Math.max(movedAt, leads, rests);
      const deadline = deadlineOf(service);
      if (span <= deadline + deadline * drift + patience) continue;
      const stuck = inFlight(this.#history.view, service);
      if (stuck !== undefined && !this.#rests(service)) this.#fail(host, stuck, deadline, span);
    }
  }

  #note(id: string, service: Service | null): void {
    if (service !== null && deadlineOf(service) > 0) this.#moved(id);
    else this.#movedAt.delete(id);
  }

  #moved(id: string): void {
    this.#movedAt.set(id, this.#kernel.now);
  }

  #rests({ spec }: Service): boolean {
    return isOnEveryNode(spec) && [...this.#history.view.nodes.values()].some(isUnknown);
  }

  #fail({ name: host }: Host, { name }: Task, deadline: number, span: number): never {
    const detail = `${name} of an update does not come up for ${span / 1e6} s, beyond its deadline`;
    throw new BrokenInvariant(this.name, host, `${detail} of ${deadline / 1e6} s`);
  }
}

function isUnknown(node: Node | null): boolean {
  return node?.status.state === "unknown";
}

/** Of the update that is under way; 0: of none, or it may take for ever. */
function deadlineOf({ updateStatus, waitsFor, spec }: Service): number {
  if (!isUpdating(updateStatus) || waitsFor.length > 0) return 0;
  return (isRollback(updateStatus) ? spec.rollback : spec.update).progressDeadline;
}

/** A task was made, came to run, or ended. */
function isMove(previous: Task | null, current: Task): boolean {
  if (previous === null || previous.runningSince !== current.runningSince) return true;
  return isTerminal(current.status.state) && !isTerminal(previous.status.state);
}

/** Of the update, neither running nor failed yet, on a node that would run it or on none. */
function inFlight(view: StoreView, service: Service): Task | undefined {
  const { specVersion, updateStatus } = service;
  const since = updateStatus?.startedAt ?? 0;
  return [...view.tasksOfService(service.id).values()].find((task) => {
    const isOfUpdate =
      task.isUpdate && task.specVersion === specVersion && task.meta.createdAt >= since;
    const isOver = task.runningSince !== null || isTerminal(task.status.state);
    if (!isOfUpdate || isOver || !isWanted(task.desiredState)) return false;
    return task.preemptedBy === null && hasHome(view, task);
  });
}

/** A global service's task that its paused node has not taken yet will have to wait. */
function hasHome(view: StoreView, { nodeId, slot, status }: Task): boolean {
  if (nodeId === null) return true;
  const node = view.nodes.get(nodeId);
  if (node === undefined || isInvalidNode(node)) return false;
  return slot > 0 || status.state >= TaskState.ASSIGNED || node.spec.availability === "active";
}
