import type { Node } from "../../core/model/node.ts";
import type { Task } from "../../core/model/task.ts";
import { isWanted, TaskState } from "../../core/model/task-state.ts";
import type { Member } from "../../core/node/member.ts";
import type { StoreView } from "../../core/store/view.ts";
import type { Kernel } from "../kernel.ts";
import type { Commit, History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { hostPortsOf } from "./claims.ts";
import { PassedOver } from "./passed-over.ts";
import { takesRoom } from "./placement.ts";
import { hasRoomFor } from "./room.ts";
import { brokenConstraint, isOfPlatform, missingDriver } from "./suitability.ts";

/** Most tasks find a place sooner, and need not be looked at. */
const looksAfter = 10_000_000;

/** A task waits only while no node would take it, judged without the scheduler. */
export class WaitingHasAReason implements Checker {
  readonly name = "waiting-has-a-reason";
  readonly source = "SwarmKit scheduler: a pending task is tried again; moby/moby#31014";
  checks = 0;
  readonly #history: History;
  readonly #waiting: PassedOver;

  constructor(kernel: Kernel, history: History) {
    this.#history = history;
    this.#waiting = new PassedOver(kernel, history, waits);
  }

  committed(commit: Commit): void {
    this.#waiting.committed(commit);
  }

  leading(host: Host, member: Member): void {
    const { view } = this.#history;
    /** By what tasks are alike in. */
    const known = new Map<string, boolean>();
    for (const [task, span] of this.#waiting.seen(host, member)) {
      if (span < looksAfter) continue;
      const kind = `${task.serviceId} ${task.specVersion} ${task.nodeId}`;
      const hasPlace = known.get(kind) ?? placeFor(view, task) !== undefined;
      known.set(kind, hasPlace);
      this.checks += 1;
      if (!this.#waiting.isTooOften(task, hasPlace)) continue;
      const detail = `${task.name} waits though ${placeFor(view, task)?.id} would take it`;
      throw new BrokenInvariant(this.name, host.name, detail);
    }
  }
}

function waits({ status, desiredState }: Task): boolean {
  return status.state === TaskState.PENDING && isWanted(desiredState);
}

/** A node that would take the task; undefined: there is none. */
function placeFor(view: StoreView, task: Task): Node | undefined {
  const { nodeId } = task;
  const nodes = nodeId === null ? [...view.nodes.values()] : [view.nodes.get(nodeId)];
  return nodes.find((node) => node !== undefined && wouldTake(view, node, task));
}

/** Room that is being cleared for a task is nobody else's. */
function wouldTake(view: StoreView, node: Node, task: Task): boolean {
  const there = [...view.tasksOnNode(node.id).values()].filter(takesRoom);
  if (!isPlaceFor(view, node, there, task)) return false;
  return ![...view.tasks.values()].some(
    (other) => other.id !== task.id && other.nominatedNodeId === node.id && waits(other),
  );
}

/** True for a node that may be given the task beside those that take room there. */
export function isPlaceFor(
  view: StoreView,
  node: Node,
  there: readonly Task[],
  task: Task,
): boolean {
  if (node.status.state !== "ready" || node.spec.availability !== "active") return false;
  if (brokenConstraint(task.spec, node) !== null || !isOfPlatform(task.spec, node)) return false;
  if (missingDriver(task, node) !== null || !hasVolumes(view, task, node)) return false;
  const ports = hostPortsOf(task);
  if (there.some((other) => hostPortsOf(other).some((port) => ports.includes(port)))) return false;
  return hasRoomFor(node, there, task) && isWelcome(view, there, task);
}

function hasVolumes(view: StoreView, { spec }: Task, { id }: Node): boolean {
  return spec.container.mounts.every(({ kind, source }) => {
    const volume = kind === "cluster" ? view.named("volume", source) : null;
    if (volume === null) return true;
    return volume?.spec.availability === "active" && [null, id].includes(volume.nodeId);
  });
}

/** By who is there: no more of its own than may be, none that it or they won't have. */
function isWelcome(view: StoreView, there: readonly Task[], task: Task): boolean {
  const { maxReplicas, affinity, antiAffinity } = task.spec.placement;
  const nameOf = ({ serviceId }: Task) => view.services.get(serviceId)?.spec.name ?? "";
  const wanted = there.filter(({ desiredState }) => isWanted(desiredState));
  const own = wanted.filter(({ serviceId }) => serviceId === task.serviceId);
  if (maxReplicas > 0 && own.length >= maxReplicas) return false;
  const near = new Set(wanted.map(nameOf));
  if (affinity.some((name) => !near.has(name))) return false;
  return !there.some(
    (other) =>
      antiAffinity.includes(nameOf(other)) ||
      other.spec.placement.antiAffinity.includes(nameOf(task)),
  );
}
