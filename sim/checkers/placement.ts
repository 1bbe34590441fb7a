import type { Node } from "../../core/model/node.ts";
import type { Task } from "../../core/model/task.ts";
import { isTerminal, TaskState } from "../../core/model/task-state.ts";
import type { EventOf } from "../../core/store/event.ts";
import type { Commit } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { brokenConstraint, isOfPlatform, missingDriver } from "./suitability.ts";

/** True for the event in which the scheduler gives a task its node. */
export function isAssignment({ previous, current }: EventOf<Task>): boolean {
  return (
    current?.status.state === TaskState.ASSIGNED && previous?.status.state === TaskState.PENDING
  );
}

/** True for the event in which a task is made that has its node already. */
function isPreassigned({ previous, current }: EventOf<Task>): boolean {
  return previous === null && current !== null && current.nodeId !== null;
}

/** True from the task's assignment until it has stopped, whether it is wanted or not. */
export function takesRoom({ nodeId, status }: Task): boolean {
  return nodeId !== null && status.state >= TaskState.ASSIGNED && !isTerminal(status.state);
}

/** The nodes as they were at each single change, and not only between entries. */
class NodeTable {
  readonly nodes = new Map<string, Node>();

  follow({ id, current }: EventOf<Node>): void {
    if (current === null) this.nodes.delete(id);
    else this.nodes.set(id, current);
  }
}

/** What the tasks of a node reserve together. */
interface Reserved {
  nanoCpus: number;
  memoryBytes: number;
  /** By kind of resource. */
  readonly generic: Map<string, number>;
}

/** No node is given more than it has: what its tasks reserve fits, at every assignment. */
export class CapacityNotExceeded implements Checker {
  readonly name = "capacity-not-exceeded";
  readonly source = "SwarmKit scheduler ResourceFilter; moby/swarmkit#1980, #2031";
  checks = 0;
  readonly #table = new NodeTable();
  readonly #reserved = new Map<string, Reserved>();

  committed(commit: Commit): void {
    for (const event of commit.events) {
      if (event.kind === "node") this.#table.follow(event);
      if (event.kind !== "task") continue;
      if (event.previous !== null) this.#count(event.previous, -1);
      if (event.current !== null) this.#count(event.current, 1);
      if (isAssignment(event)) this.#check(commit, event.current as Task);
    }
  }

  #count(task: Task, sign: number): void {
    if (!takesRoom(task)) return;
    const nodeId = task.nodeId as string;
    const none = { nanoCpus: 0, memoryBytes: 0, generic: new Map<string, number>() };
    const reserved = this.#reserved.get(nodeId) ?? none;
    for (const [kind, count] of task.spec.genericReservations) {
      reserved.generic.set(kind, (reserved.generic.get(kind) ?? 0) + sign * count);
    }
    reserved.nanoCpus += sign * task.spec.reservations.nanoCpus;
    reserved.memoryBytes += sign * task.spec.reservations.memoryBytes;
    this.#reserved.set(nodeId, reserved);
  }

  #check(commit: Commit, task: Task): void {
    this.checks += 1;
    const node = this.#table.nodes.get(task.nodeId as string);
    const reserved = this.#reserved.get(task.nodeId as string);
    if (node === undefined || reserved === undefined) return;
    const short = shortOf(task, reserved, node);
    if (short !== null) {
      const detail = `${task.name} on ${node.id} takes more of ${short} than the node has`;
      throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
    const { reservations } = task.spec;
    if (reservations.nanoCpus === 0 && reservations.memoryBytes === 0) return;
    const { nanoCpus, memoryBytes } = node.description.resources;
    if (reserved.nanoCpus <= nanoCpus && reserved.memoryBytes <= memoryBytes) return;
    const detail =
      `${task.name} on ${node.id} takes the node to ${reserved.nanoCpus / 1e9} of ` +
      `${nanoCpus / 1e9} processors and ${reserved.memoryBytes} of ${memoryBytes} bytes`;
    throw new BrokenInvariant(this.name, commit.host.name, detail);
  }
}

/**
 * A kind of which the task's node has less than is reserved; null: there is none. What has a name
 * the task is given by that, whatever others may still hold that the node has no more.
 */
function shortOf(task: Task, { generic }: Reserved, { description }: Node): string | null {
  for (const [kind, wanted] of task.spec.genericReservations) {
    const has = description.genericResources.get(kind);
    if (has?.kind === "named") {
      const given = task.assignedResources.get(kind) ?? [];
      if (given.length < wanted || !given.every((id) => has.ids.includes(id))) return kind;
    } else if ((generic.get(kind) ?? 0) > (has?.count ?? 0)) return kind;
  }
  return null;
}

/**
 * A task is given only to a node that is ready, takes tasks and is what the task asks for; and the
 * task of a global service is made only for such a node, where it waits for the plugins that it
 * needs, as it does for room.
 */
export class PlacementHolds implements Checker {
  readonly name = "placement-holds";
  readonly source = "SwarmKit scheduler: Ready-, Plugin-, Constraint- and PlatformFilter";
  checks = 0;
  readonly #table = new NodeTable();

  committed(commit: Commit): void {
    for (const event of commit.events) {
      if (event.kind === "node") this.#table.follow(event);
      if (event.kind !== "task" || commit.isForced) continue;
      if (isPreassigned(event)) this.#check(commit, event.current as Task, false);
      if (isAssignment(event)) this.#check(commit, event.current as Task, true);
    }
  }

  #check(commit: Commit, task: Task, mustHaveDrivers: boolean): void {
    this.checks += 1;
    const node = this.#table.nodes.get(task.nodeId as string);
    const driver = mustHaveDrivers && node !== undefined ? missingDriver(task, node) : null;
    const problem = this.#problem(node, task) ?? (driver && `has no plugin ${driver}`);
    if (problem === null) return;
    const detail = `${task.name} is given to ${task.nodeId}, which ${problem}`;
    throw new BrokenInvariant(this.name, commit.host.name, detail);
  }

  #problem(node: Node | undefined, task: Task): string | null {
    if (node === undefined) return "is not in the cluster";
    if (node.status.state !== "ready") return `is ${node.status.state}`;
    if (node.spec.availability !== "active") return `is set to ${node.spec.availability}`;
    const constraint = brokenConstraint(task.spec, node);
    if (constraint !== null) return `does not meet ${constraint}`;
    return isOfPlatform(task.spec, node) ? null : "is of another platform";
  }
}
