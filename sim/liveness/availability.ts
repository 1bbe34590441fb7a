import type { Service, ServiceSpec } from "../../core/model/service.ts";
import { slotOf, type Task } from "../../core/model/task.ts";
import type { Kernel } from "../kernel.ts";
import type { ServiceReport } from "../result.ts";
import type { Commit, History } from "../world/history.ts";
import type { PartialObserver } from "../world/observer.ts";
import { keptRunning } from "./wanted.ts";

interface Served {
  readonly name: string;
  wanted: number;
  /** Null once it is removed. */
  spec: ServiceSpec | null;
  /**
   * Containers that run, and are healthy where that is checked, by slot; by node where the service
   * has a slot on each.
   */
  readonly slots: Map<number | string, number>;
  /** All that were wanted have run at once before. */
  wasFull: boolean;
  /** When they first did. */
  fullSince: number;
  lowest: number | null;
  /** Containers that began to run since then. */
  starts: number;
  belowSince: number | null;
  below: number;
}

/** How a service has done since all its tasks first ran, at `fullSince`. Microseconds. */
export interface Tally {
  readonly fullSince: number;
  /** The fewest tasks that ran at once. */
  readonly lowest: number;
  /** How long fewer ran than wanted, except for the time since `belowSince`. */
  readonly below: number;
  /** Null: as many run as are wanted. */
  readonly belowSince: number | null;
}

/** What a task's container serves, if it runs. */
interface Place {
  readonly service: string;
  readonly slot: number | string;
  /** A container of it counts only while it is healthy. */
  readonly hasHealth: boolean;
  runs: boolean;
}

/**
 * How many replicas of each service really run at each moment: slots with at least one running
 * container, whatever the cluster believes. Of a global service one is wanted on every node that
 * is ready, active and meant for it; of a job, which ends, none is.
 */
export class Availability implements PartialObserver {
  readonly #kernel: Kernel;
  readonly #history: History;
  readonly #services = new Map<string, Served>();
  readonly #places = new Map<string, Place>();

  constructor(kernel: Kernel, history: History) {
    this.#kernel = kernel;
    this.#history = history;
  }

  committed(commit: Commit): void {
    for (const { id, previous, current } of commit.tasks) {
      if (current === null) this.#forget(id);
      else if (previous === null) this.#learn(current);
    }
    for (const { previous, current } of commit.services) {
      this.#want((current ?? previous) as Service, current?.spec ?? null);
    }
    if (commit.nodes.length > 0) this.#followNodes();
  }

  started(_host: number, task: string): void {
    const served = this.#services.get(this.#places.get(task)?.service ?? "");
    if (served?.wasFull === true) served.starts += 1;
    if (this.#places.get(task)?.hasHealth === false) this.#count(task, true);
  }

  ended(_host: number, task: string): void {
    this.#count(task, false);
  }

  healthy(_host: number, task: string): void {
    this.#count(task, true);
  }

  unhealthy(_host: number, task: string): void {
    this.#count(task, false);
  }

  /** What has been counted counts no more: from now on it does, whether all run or not. */
  countAnew(): void {
    const { now } = this.#kernel;
    for (const served of this.#services.values()) {
      const running = served.slots.size;
      const belowSince = running < served.wanted ? now : null;
      const counts = { lowest: running, starts: 0, below: 0, belowSince };
      Object.assign(served, { wasFull: true, fullSince: now, ...counts });
    }
  }

  /** By name; of services of the same name, the newest. */
  report(): Record<string, ServiceReport> {
    const report: Record<string, ServiceReport> = {};
    for (const served of this.#services.values()) {
      const open = served.belowSince === null ? 0 : this.#kernel.now - served.belowSince;
      report[served.name] = {
        wanted: served.wanted,
        running: served.slots.size,
        lowestRunning: served.lowest,
        starts: served.starts,
        secondsBelow: (served.below + open) / 1e6,
      };
    }
    return report;
  }

  /** How each service, by name, has done since all its wanted tasks first ran. */
  tallies(): Map<string, Tally> {
    const full = [...this.#services.values()].filter(({ wasFull }) => wasFull);
    return new Map(
      full.map(({ name, fullSince, lowest, below, belowSince }) => {
        return [name, { fullSince, lowest: lowest ?? 0, below, belowSince }];
      }),
    );
  }

  /** Slots of the service that are served; 0 for a service that does not exist. */
  running(name: string): number {
    const service = this.#history.view.named("service", name);
    return service === undefined ? 0 : (this.#services.get(service.id)?.slots.size ?? 0);
  }

  /** True from the moment at which all wanted replicas of the service first ran. */
  wasFull(name: string): boolean {
    const service = this.#history.view.named("service", name);
    return service !== undefined && (this.#services.get(service.id)?.wasFull ?? false);
  }

  #want({ id, spec: { name } }: Service, spec: ServiceSpec | null): void {
    const served = this.#served(id, name);
    served.spec = spec;
    served.wanted = spec === null ? 0 : keptRunning(spec, this.#history.view.nodes.values());
    this.#update(id);
  }

  #followNodes(): void {
    for (const [id, served] of this.#services) {
      if (served.spec?.mode.kind !== "global") continue;
      served.wanted = keptRunning(served.spec, this.#history.view.nodes.values());
      this.#update(id);
    }
  }

  #learn(task: Task): void {
    const { serviceId: service, spec } = task;
    const slot = slotOf(task);
    const hasHealth = spec.container.health !== null;
    this.#places.set(task.id, { service, slot, hasHealth, runs: false });
  }

  /** A container may outlive what the store knows of it, behind a partition. */
  #forget(task: string): void {
    if (this.#places.get(task)?.runs === false) this.#places.delete(task);
  }

  #served(id: string, name: string): Served {
    let served = this.#services.get(id);
    if (served === undefined) {
      served = {
        name,
        spec: null,
        wanted: 0,
        slots: new Map(),
        wasFull: false,
        fullSince: 0,
        lowest: null,
        starts: 0,
        belowSince: null,
        below: 0,
      };
      this.#services.set(id, served);
    }
    return served;
  }

  #count(task: string, runs: boolean): void {
    const place = this.#places.get(task);
    const served = place === undefined ? undefined : this.#services.get(place.service);
    if (place === undefined || served === undefined || place.runs === runs) return;
    const containers = (served.slots.get(place.slot) ?? 0) + (runs ? 1 : -1);
    if (containers <= 0) served.slots.delete(place.slot);
    else served.slots.set(place.slot, containers);
    place.runs = runs;
    if (!this.#history.view.tasks.has(task)) this.#forget(task);
    this.#update(place.service);
  }

  #update(service: string): void {
    const served = this.#services.get(service) as Served;
    const running = served.slots.size;
    if (!served.wasFull) {
      if (running < served.wanted || served.wanted === 0) return;
      served.wasFull = true;
      served.fullSince = this.#kernel.now;
    }
    if (served.lowest === null || running < served.lowest) served.lowest = running;
    const isBelow = running < served.wanted;
    if (isBelow && served.belowSince === null) served.belowSince = this.#kernel.now;
    if (!isBelow && served.belowSince !== null) {
      served.below += this.#kernel.now - served.belowSince;
      served.belowSince = null;
    }
  }
}
