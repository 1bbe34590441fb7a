import type { AttachedNetwork } from "../../core/model/network.ts";
import type { OverlayPlace } from "../../core/model/overlay.ts";
import type { Task } from "../../core/model/task.ts";
import { isTerminal, TaskState } from "../../core/model/task-state.ts";
import type { EventOf } from "../../core/store/event.ts";
import type { Commit, History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { addressRange } from "./address-range.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";
import { overlaysOf } from "./serving.ts";

/**
 * No two tasks whose containers may run have the same address, by what is stored; and each is one
 * of those that its network has for tasks.
 */
export class AddressGivenOnce implements Checker {
  readonly name = "address-given-once";
  readonly source = "SwarmKit allocator: an endpoint's address is released with its task";
  checks = 0;
  readonly #history: History;
  /** Who has an address, by network and address. */
  readonly #holders = new Map<string, string>();

  constructor(history: History) {
    this.#history = history;
  }

  committed({ tasks: events, isForced, host }: Commit): void {
    if (isForced) this.#holders.clear();
    const changes = events.filter(changesAddresses);
    for (const { previous } of changes) {
      for (const network of heldBy(previous)) this.#free(previous as Task, network);
    }
    const tasks = isForced
      ? this.#history.view.tasks.values()
      : changes.map(({ current }) => current);
    for (const task of tasks) {
      for (const network of heldBy(task)) this.#take(host, task as Task, network);
    }
  }

  #free({ id }: Task, network: AttachedNetwork): void {
    const key = keyOf(network);
    if (this.#holders.get(key) === id) this.#holders.delete(key);
  }

  #take(host: Host, { id }: Task, network: AttachedNetwork): void {
    const key = keyOf(network);
    const holder = this.#holders.get(key) ?? id;
    this.checks += 1;
    if (holder !== id) {
      const detail = `task ${id} is given ${key}, which task ${holder} has`;
      throw new BrokenInvariant(this.name, host.name, detail);
    }
    if (!isUsable(network)) {
      const detail = `task ${id} is given ${key}, which is none of its network's for tasks`;
      throw new BrokenInvariant(this.name, host.name, detail);
    }
    this.#holders.set(key, id);
  }
}

/**
 * No two containers that run, on whatever side of whatever partition, have the same address in a
 * network; except for those of tasks that the cluster has given up, whose addresses are free, and
 * those that somebody else has started again.
 */
export class AddressExclusive implements Checker {
  readonly name = "address-exclusive";
  readonly source = "RFC 5227: an address is in use by one host of a link";
  checks = 0;
  readonly #world: CheckedWorld;
  /** Tasks whose containers run, by network and address. */
  readonly #running = new Map<string, Set<string>>();
  /** Tasks that were given up, and what a cluster that was started anew may know nothing of. */
  readonly #givenUp = new Set<string>();

  constructor(world: CheckedWorld) {
    this.#world = world;
  }

  committed({ tasks, isForced }: Commit): void {
    for (const { id, current } of tasks) {
      if (current?.status.state === TaskState.ORPHANED) this.#givenUp.add(id);
    }
    if (!isForced) return;
    for (const { executor } of this.#world.hosts) {
      for (const { task } of executor.existing()) this.#givenUp.add(task);
    }
  }

  started(number: number, task: string): void {
    const host = this.#world.hosts[number] as Host;
    if (host.executor.isMeddledWith(task)) return;
    for (const place of host.executor.placesOf(task)) {
      const key = keyIn(place);
      const running = this.#running.get(key) ?? new Set<string>();
      this.#running.set(key, running.add(task));
      this.checks += 1;
      const rightful = [...running].filter((each) => !this.#givenUp.has(each));
      if (rightful.length < 2) continue;
      const detail = `tasks ${rightful.join(" and ")} run with the address ${key}`;
      throw new BrokenInvariant(this.name, host.name, detail);
    }
  }

  ended(number: number, task: string): void {
    const host = this.#world.hosts[number] as Host;
    for (const place of host.executor.placesOf(task)) {
      const key = keyIn(place);
      const running = this.#running.get(key);
      running?.delete(task);
      if (running?.size === 0) this.#running.delete(key);
    }
  }
}

const none: readonly AttachedNetwork[] = [];

/** The overlays in which the task has an address, until its container has stopped for good. */
function heldBy(task: Task | null): readonly AttachedNetwork[] {
  return mayRun(task) ? overlaysOf(task) : none;
}

function mayRun(task: Task | null): task is Task {
  return task !== null && !isTerminal(task.status.state);
}

/** False for what most often happens to a task: it keeps what it has. */
function changesAddresses({ previous, current }: EventOf<Task>): boolean {
  return previous?.networks !== current?.networks || mayRun(previous) !== mayRun(current);
}

function keyOf({ id, address }: Pick<AttachedNetwork, "id" | "address">): string {
  return `${address} in ${id}`;
}

function keyIn({ overlay, address }: OverlayPlace): string {
  return keyOf({ id: overlay.id, address });
}

/** How many tasks of the network can have an address; all where it is no overlay. */
export function usableAddresses({ overlay, spec }: Pick<AttachedNetwork, "overlay" | "spec">) {
  const block = addressRange(overlay?.subnet ?? "");
  if (block === null) return Infinity;
  const part = addressRange(spec.subnets[0]?.range ?? "") ?? block;
  const first = Math.max(part.first, block.first + 1);
  const last = Math.min(part.last, block.last - 1);
  const gateway = addressRange(`${overlay?.gateway}/32`)?.first ?? -1;
  const isOfGateway = gateway >= first && gateway <= last;
  return last - first + 1 - (isOfGateway ? 1 : 0);
}

/**
 * One that the network's user has set aside for tasks, and neither the subnet's own address, nor
 * the gateway, nor the one that means all of them.
 */
function isUsable({ overlay, spec, address }: AttachedNetwork): boolean {
  const block = addressRange(overlay?.subnet ?? "");
  const own = addressRange(`${address}/32`);
  if (block === null || own === null || address === overlay?.gateway) return false;
  const part = addressRange(spec.subnets[0]?.range ?? "") ?? block;
  const isInPart = own.first >= part.first && own.first <= part.last;
  return isInPart && own.first > block.first && own.first < block.last;
}
