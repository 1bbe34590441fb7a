import type { Planted } from "../base/planted.ts";
import { ipv4Text, lastOf, parseBlock, parseIpv4 } from "../model/ipv4.ts";
import type { Network } from "../model/network.ts";
import { holdsAddresses, type OverlayPlace, overlayPlaces } from "../model/overlay.ts";
import type { Task } from "../model/task.ts";
import { isWanted } from "../model/task-state.ts";
import type { StoreEvent } from "../store/event.ts";
import type { StoreView } from "../store/view.ts";

/** What there is of one overlay; addresses are numbers as in `ipv4.ts`. */
interface Pool {
  /** Those that tasks in the store have. */
  readonly taken: Set<number>;
  /** Those given in the entry that is being put together. */
  readonly promised: Set<number>;
  /** The last one given, after which the search goes on. */
  last: number;
}

const none: readonly OverlayPlace[] = [];

/**
 * Which addresses of overlays are free, for a leader: a function of the store, and of what it has
 * promised since. An address is free again once its task's container has stopped for good; it then
 * rests until all others were given (as with SwarmKit's serial allocation), so that who connects
 * to an address that it has heard of a while ago does not get to another task.
 */
export class Addresses {
  readonly #view: StoreView;
  readonly #planted: Planted;
  /** By network. */
  readonly #pools = new Map<string, Pool>();
  /** Tasks for which there was none, until one has become free. */
  readonly #waiting = new Set<string>();
  #hasFreed = false;

  constructor(view: StoreView, planted: Planted) {
    this.#view = view;
    this.#planted = planted;
    if (planted === "N03") return;
    for (const task of view.tasks.values()) {
      for (const place of this.#held(task)) this.#take(place);
    }
    for (const pool of this.#pools.values()) {
      for (const address of pool.taken) pool.last = Math.max(pool.last, address);
    }
  }

  /** Follows what the store has applied. */
  note(events: readonly StoreEvent[]): void {
    for (const { kind, id, previous, current } of events) {
      if (kind === "network" && current === null) this.#forgetIfUnused(id);
      if (kind === "task") this.#noteTask(previous, current);
    }
  }

  #noteTask(previous: Task | null, current: Task | null): void {
    const isSame = previous?.networks === current?.networks;
    if (isSame && this.#holds(previous) === this.#holds(current)) return;
    const [left, held] = [this.#held(previous), this.#held(current)];
    // A task keeps the addresses that it was given: as many are the same ones.
    if (left.length === held.length) return;
    for (const place of left) this.#free(place);
    for (const place of held) this.#take(place);
  }

  /** A new entry is begun: the store shows what has come of the promises. */
  begin(): void {
    for (const { promised } of this.#pools.values()) if (promised.size > 0) promised.clear();
  }

  /**
   * An address of each network, in their order, that no task has, promised to `task`. Or the first
   * of them that has none left: then it must wait, and nothing of the others is kept for it.
   */
  give(task: string, networks: readonly Network[]): readonly string[] | Network {
    const free: number[] = [];
    for (const network of networks) {
      const address = nextFree(this.#poolOf(network.id), network, this.#planted);
      if (address === null) {
        this.#waiting.add(task);
        return network;
      }
      free.push(address);
    }
    for (const [at, address] of free.entries()) {
      const pool = this.#poolOf((networks[at] as Network).id);
      pool.promised.add(address);
      pool.last = address;
    }
    return free.map(ipv4Text);
  }

  /** Tasks that may get now what there was none of. */
  takeHopeful(): readonly string[] {
    if (!this.#hasFreed) return [];
    this.#hasFreed = false;
    const hopeful = [...this.#waiting];
    this.#waiting.clear();
    return hopeful;
  }

  #held(task: Task | null): readonly OverlayPlace[] {
    return task !== null && this.#holds(task) ? overlayPlaces(task) : none;
  }

  #holds(task: Task | null): boolean {
    if (task === null || task.networks.length === 0) return false;
    if (this.#planted === "N02" && !isWanted(task.desiredState)) return false;
    return holdsAddresses(task);
  }

  #take({ overlay, address }: OverlayPlace): void {
    this.#poolOf(overlay.id).taken.add(parseIpv4(address) ?? 0);
  }

  #free({ overlay, address }: OverlayPlace): void {
    if (this.#planted === "N05") return;
    this.#poolOf(overlay.id).taken.delete(parseIpv4(address) ?? 0);
    this.#hasFreed = this.#waiting.size > 0;
    this.#forgetIfUnused(overlay.id);
  }

  #forgetIfUnused(network: string): void {
    if (this.#view.networks.has(network)) return;
    if (this.#pools.get(network)?.taken.size === 0) this.#pools.delete(network);
  }

  #poolOf(network: string): Pool {
    let pool = this.#pools.get(network);
    if (pool === undefined) {
      pool = { taken: new Set(), promised: new Set(), last: 0 };
      this.#pools.set(network, pool);
    }
    return pool;
  }
}

/** In the range that tasks get addresses from, around from behind the last one given. */
function nextFree(pool: Pool, { overlay, spec }: Network, planted: Planted): number | null {
  const subnet = parseBlock(overlay?.subnet ?? "");
  if (subnet === null) return null;
  const asked = planted === "N09" ? null : parseBlock(spec.subnets[0]?.range ?? "");
  const range = asked ?? subnet;
  const gateway = parseIpv4(overlay?.gateway ?? "");
  const first = Math.max(range.first, subnet.first + 1);
  const last = Math.min(lastOf(range), lastOf(subnet) - 1);
  const count = last - first + 1;
  const { taken, promised } = pool;
  if (taken.size + promised.size >= count) return null;
  const start = Math.min(Math.max(pool.last, first - 1), last) + 1 - first;
  for (let step = 0; step < count; step += 1) {
    const address = first + ((start + step) % count);
    if (address !== gateway && !taken.has(address) && !promised.has(address)) return address;
  }
  return null;
}
