import type { StoreObject } from "../core/model/change.ts";
import type { Task } from "../core/model/task.ts";
import { stateName } from "../core/model/task-state.ts";
import type {
  ClusterFrame,
  LinkFrame,
  MessageFrame,
  NodeFrame,
  TaskStateFrame,
} from "../core/observe/frame.ts";
import { type StoreFrames, storeFrames } from "../core/observe/frame-of-store.ts";
import type { Commit } from "./history.ts";
import type { Host } from "./host.ts";
import { type HostFrame, hostFrame, neverOn, noLoad } from "./host-frame.ts";
import { EventKind, type SimEvent } from "./kernel.ts";
import { type Launched, Messages, messageKind } from "./messages.ts";
import type { Watcher } from "./result.ts";
import { upTo, Versions } from "./versions.ts";
import type { World } from "./world.ts";

/** The counts of checks are taken once in so many events. */
const checksEvery = 100;

/**
 * Writes down all that frames show, as it changes, so that the cluster can be seen as it was after
 * any event.
 *
 * Model: nothing is copied and nothing is run again. Of each machine, each stored object and the
 * network there is a list of its versions with the event that brought each; a moment is put
 * together by looking up in each list the version of that time. What it costs follows the changes
 * while a run is recorded, and the size of the cluster (times the logarithm of its changes) when
 * it is looked at.
 */
export class Recorder implements Watcher {
  readonly #world: World;
  readonly #hosts: readonly Versions<HostFrame>[];
  readonly #objects = new Map<string, Versions<StoreObject | null>>();
  readonly #index = new Versions<number>();
  readonly #cuts = new Versions<readonly LinkFrame[]>();
  readonly #checks = new Versions<readonly number[]>();
  readonly #messages = new Messages();
  readonly #events: SimEvent[] = [];
  readonly #times: number[] = [];

  constructor(world: World) {
    this.#world = world;
    this.#hosts = world.hosts.map(() => new Versions());
    world.network.launched = (packet, delay) => {
      const { now } = world.kernel;
      this.#messages.add({ packet, sentAt: now, arrivesAt: now + delay });
    };
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

  committed({ index, events }: Commit): void {
    this.#index.put(this.#now, index);
    for (const { previous, current } of events) {
      const object = (current ?? previous) as StoreObject;
      const key = `${object.kind} ${object.id}`;
      let versions = this.#objects.get(key);
      if (versions === undefined) {
        versions = new Versions();
        this.#objects.set(key, versions);
      }
      versions.put(this.#now, current);
    }
  }

  handled(event: SimEvent): void {
    this.#events.push(event);
    this.#times.push(event.time);
    const count = this.#events.length;
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
    return this.#events.length;
  }

  /** The event of this number, from 1. */
  event(number: number): SimEvent | undefined {
    return this.#events[number - 1];
  }

  /** How many events had been handled when it was this late, in microseconds. */
  eventsUntil(time: number): number {
    return upTo(this.#times, time);
  }

  /** Everything that was stored after so many events. */
  objectsAt(event: number): StoreObject[] {
    return [...this.#objects.values()].flatMap((versions) => versions.at(event) ?? []);
  }

  /** The cluster after so many events, at a time no earlier than the last of them. */
  frameAt(event: number, at = this.#times[event - 1] ?? 0): ClusterFrame {
    const stored = storeFrames(this.objectsAt(event), (task) => this.#historyOf(task, event));
    const { checkers, hosts } = this.#world;
    const counts = this.#checks.at(event) ?? [];
    const checks = checkers.map(({ name }, place) => [name, counts[place] ?? 0] as const);
    return {
      at,
      event,
      index: this.#index.at(event) ?? 0,
      nodes: hosts.map((host) => this.#nodeFrame(host, event, stored)),
      services: stored.services,
      tasks: stored.tasks,
      messages: this.#messages.at(at).map((message) => this.#messageFrame(message)),
      cuts: this.#cuts.at(event) ?? [],
      checks: Object.fromEntries(checks),
    };
  }

  /** The number of the event that is being handled; 0 before the first. */
  get #now(): number {
    return this.#events.length === 0 ? 0 : this.#events.length + 1;
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

  #historyOf(task: Task, event: number): TaskStateFrame[] {
    const versions = this.#objects.get(`task ${task.id}`)?.until(event) ?? [];
    const history: TaskStateFrame[] = [];
    for (const { event: since, value } of versions) {
      if (value?.kind !== "task") continue;
      const state = stateName(value.status.state);
      if (history.at(-1)?.state === state) continue;
      history.push({ state, at: this.#times[since - 1] ?? 0 });
    }
    return history;
  }

  #messageFrame({ packet, sentAt, arrivesAt }: Launched): MessageFrame {
    const { hosts } = this.#world;
    const [from, to] = [hosts[packet.from]?.name ?? "", hosts[packet.to]?.name ?? ""];
    return { from, to, kind: messageKind(packet.message), sentAt, arrivesAt };
  }
}
