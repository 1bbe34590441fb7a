import { lastOf, parseBlock, parseIpv4 } from "../../core/model/ipv4.ts";
import { holdsAddresses, type OverlayPlace, overlayPlaces } from "../../core/model/overlay.ts";
import type { Task } from "../../core/model/task.ts";
import { TaskState } from "../../core/model/task-state.ts";
import type { EventOf } from "../../core/store/event.ts";
import type { Commit, History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";

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
      for (const place of heldBy(previous)) this.#free(previous as Task, place);
    }
    const tasks = isForced
      ? this.#history.view.tasks.values()
      : changes.map(({ current }) => current);
    for (const task of tasks) for (const place of heldBy(task)) this.#take(host, task, place);
  }

  #free({ id }: Task, place: OverlayPlace): void {
    const key = keyOf(place);
    if (this.#holders.get(key) === id) this.#holders.delete(key);
  }

  #take(host: Host, task: Task | null, place: OverlayPlace): void {
    const key = keyOf(place);
    const holder = this.#holders.get(key) ?? task?.id;
    this.checks += 1;
    if (holder !== task?.id) {
      const detail = `task ${task?.id} is given ${key}, which task ${holder} has`;
      throw new BrokenInvariant(this.name, host.name, detail);
    }
    if (!isUsable(place, rangeOf(task, place))) {
      const detail = `task ${task?.id} is given ${key}, which is none of its network's for tasks`;
      throw new BrokenInvariant(this.name, host.name, detail);
    }
    this.#holders.set(key, task?.id ?? "");
  }
}

/**
 * No two containers that run, on whatever side of whatever partition, have the same address in a
 * network; but for those of tasks that the cluster has given up, whose addresses are free.
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
    for (const place of host.executor.placesOf(task)) {
      const key = keyOf(place);
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
      const key = keyOf(place);
      const running = this.#running.get(key);
      running?.delete(task);
      if (running?.size === 0) this.#running.delete(key);
    }
  }
}

const none: readonly OverlayPlace[] = [];

function heldBy(task: Task | null): readonly OverlayPlace[] {
  return task !== null && holdsAddresses(task) ? overlayPlaces(task) : none;
}

/** False for what most often happens to a task: it keeps what it has. */
function changesAddresses({ previous, current }: EventOf<Task>): boolean {
  if (previous === null || current === null) return true;
  return (
    previous.networks !== current.networks || holdsAddresses(previous) !== holdsAddresses(current)
  );
}

function keyOf({ overlay, address }: OverlayPlace): string {
  return `${address} in ${overlay.id}`;
}

/** What its user has set aside for tasks; empty: nothing. */
function rangeOf(task: Task | null, { overlay }: OverlayPlace): string {
  const network = task?.networks.find(({ id }) => id === overlay.id);
  return network?.spec.subnets[0]?.range ?? "";
}

/** Neither the subnet's own address, nor the gateway, nor the one that means all of them. */
function isUsable({ overlay, address }: OverlayPlace, range: string): boolean {
  const [block, number] = [parseBlock(overlay.subnet), parseIpv4(address)];
  if (block === null || number === null || address === overlay.gateway) return false;
  const part = parseBlock(range) ?? block;
  const isInPart = number >= part.first && number <= lastOf(part);
  return isInPart && number > block.first && number < lastOf(block);
}
