import type { StoreObject } from "../../core/model/change.ts";
import type { Task } from "../../core/model/task.ts";
import { stateName } from "../../core/model/task-state.ts";
import type {
  ClusterFrame,
  LinkFrame,
  NodeFrame,
  TaskStateFrame,
} from "../../core/observe/frame.ts";
import { type StoreFrames, storeFrames } from "../../core/observe/frame-of-store.ts";
import { EventKind, type SimEvent } from "../kernel.ts";
import type { Packet } from "../ports/network.ts";
import type { Commit } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import type { Watcher } from "../world/watch.ts";
import type { World } from "../world/world.ts";
import { type HostFrame, hostFrame, neverOn, noLoad } from "./host-frame.ts";
import { Messages, messageKind } from "./messages.ts";
import { type Kept, Moments } from "./moments.ts";
import { Versions } from "./versions.ts";

/** The counts of checks are taken once in this many events. */
const checksEvery = 100;

/**
 * Writes down all that frames show, as it changes, so that the cluster can be seen as it was after
 * any event.
 *
 * Model: nothing is copied and nothing is run again. Of each machine, each stored object and the
 * network there is a list of its versions with the event that brought each; a moment is put
 * together by looking up in each list the version of that time. What it costs follows the changes
 * while a run is recorded, and the size of the cluster (times the logarithm of its changes) when
 * it is looked at. All of it is kept until `thin` leaves only some of the older moments.
 */
export class Recorder implements Watcher {
  /** The moments that can be looked at. */
  readonly moments = new Moments();
  readonly #world: World;
  readonly #hosts: readonly Versions<HostFrame>[];
  readonly #objects = new Map<string, Versions<StoreObject | null>>();
  /** Of tasks, by the same keys; a new list for each state. */
  readonly #histories = new Map<string, Versions<readonly TaskStateFrame[]>>();
  readonly #cuts = new Versions<readonly LinkFrame[]>();
  readonly #checks = new Versions<readonly number[]>();
  readonly #messages = new Messages();
  #count = 0;

  constructor(world: World) {
    this.#world = world;
    this.#hosts = world.hosts.map(() => new Versions());
    world.network.launched = (packet, delay) => this.#launched(packet, delay);
    for (const host of world.hosts) this.#look(host);
  }

  stepped(host: Host): void {
    this.#look(host);
  }
  crashed(host: Host): void {
    this.#look(host);
  }
  refused(host: Host): void {
    this.#look(host);
  }

  committed({ events }: Commit): void {
    for (const { previous, current } of events) {
      const object = (current ?? previous) as StoreObject;
      const key = `${object.kind} ${object.id}`;
      versionsOf(this.#objects, key).put(this.#now, current);
      if (current?.kind === "task") this.#noteState(key, current);
    }
  }

  handled(event: SimEvent): void {
    this.#count += 1;
    const count = this.#count;
    this.moments.add(count, event.time);
    if (event.kind === EventKind.STEP || event.kind === EventKind.FAULT) this.#lookAround(count);
    if (count % checksEvery === 0) {
      this.#checks.put(
        count,
        this.#world.checkers.map(({ checks }) => checks),
      );
    }
  }

  /** How many events were handled. */
  get count(): number {
    return this.#count;
  }

  /** Forgets all but some moments. How much is left of what was before them all were kept. */
  thin(kept: Kept): number {
    let left = this.moments.thin(kept);
    for (const [key, versions] of this.#objects) {
      left += versions.thin(kept) + (this.#histories.get(key)?.thin(kept) ?? 0);
      if (versions.values.some((value) => value !== null)) continue;
      this.#objects.delete(key);
      this.#histories.delete(key);
    }
    const others = [...this.#hosts, this.#cuts, this.#checks];
    for (const versions of others) left += versions.thin(kept);
    return left + this.#messages.thin(this.moments, this.moments.timeOf(kept.from));
  }

  /** Everything that was stored after this many events. */
  objectsAt(event: number): StoreObject[] {
    return [...this.#objects.values()].flatMap((versions) => versions.at(event) ?? []);
  }

  /** The cluster after this many events, at a time no earlier than the last of them. */
  frameAt(event: number, at = this.moments.timeOf(event)): ClusterFrame {
    const stored = storeFrames(this.objectsAt(event), (task) => {
      return this.#histories.get(`task ${task.id}`)?.at(event) ?? [];
    });
    const { checkers, hosts } = this.#world;
    const counts = this.#checks.at(event) ?? [];
    const checks = checkers.map(({ name }, place) => [name, counts[place] ?? 0] as const);
    return {
      at,
      event,
      nodes: hosts.map((host) => this.#nodeFrame(host, event, stored)),
      services: stored.services,
      tasks: stored.tasks,
      messages: this.#messages.at(event, at),
      cuts: this.#cuts.at(event) ?? [],
      checks: Object.fromEntries(checks),
    };
  }

  /** The number of the event that is being handled; 0 before the first. */
  get #now(): number {
    return this.#count === 0 ? 0 : this.#count + 1;
  }

  #look(host: Host): void {
    const versions = this.#hosts[host.number] as Versions<HostFrame>;
    const frame = hostFrame(host, versions.newest);
    if (frame !== versions.newest) versions.put(this.#now, frame);
  }

  /** A fault shows nowhere else: on clocks, links and machines that are paused. */
  #lookAround(event: number): void {
    const { hosts, network } = this.#world;
    for (const host of hosts) this.#look(host);
    const nameOf = (number: number) => hosts[number]?.name ?? "";
    const cuts = network.cutLinks().map(([from, to]) => ({ from: nameOf(from), to: nameOf(to) }));
    const last = this.#cuts.newest ?? [];
    const isSame =
      cuts.length === last.length &&
      cuts.every(({ from, to }, at) => last[at]?.from === from && last[at]?.to === to);
    if (!isSame) this.#cuts.put(event, cuts);
  }

  #nodeFrame({ name, number }: Host, event: number, { records, loads }: StoreFrames): NodeFrame {
    const own = this.#hosts[number]?.at(event) ?? neverOn;
    return { id: name, ...own, record: records.get(name) ?? null, load: loads.get(name) ?? noLoad };
  }

  /** States that it has been in, each once. */
  #noteState(key: string, { status }: Task): void {
    const states = versionsOf(this.#histories, key);
    const state = stateName(status.state);
    const before = states.newest ?? [];
    if (before.at(-1)?.state === state) return;
    const at = this.#now === 0 ? 0 : this.#world.kernel.now;
    states.put(this.#now, [...before, { state, at }]);
  }

  #launched({ from, to, message }: Packet, delay: number): void {
    const { hosts, kernel } = this.#world;
    const nameOf = (number: number) => hosts[number]?.name ?? "";
    const times = { sentAt: kernel.now, arrivesAt: kernel.now + delay };
    const launched = { from: nameOf(from), to: nameOf(to), kind: messageKind(message), ...times };
    this.#messages.add(launched, this.#now);
  }
}

function versionsOf<T>(table: Map<string, Versions<T>>, key: string): Versions<T> {
  let versions = table.get(key);
  if (versions === undefined) {
    versions = new Versions();
    table.set(key, versions);
  }
  return versions;
}
