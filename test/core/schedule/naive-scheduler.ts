import type { StoreObject } from "../../../core/model/change.ts";
import { meetsConstraints } from "../../../core/model/constraint.ts";
import type { Node } from "../../../core/model/node.ts";
import { meetsPlatforms } from "../../../core/model/platform.ts";
import { hasLogDriver, hasVolumeDriver } from "../../../core/model/plugin.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import type { Volume } from "../../../core/model/volume.ts";
import type { TaskFailure } from "../../../core/store/failure-log.ts";
import type { Store } from "../../../core/store/store.ts";

/** What becomes of one pending task. */
export interface Decision {
  readonly task: string;
  readonly node: string | null;
  /** Named resources, such as `gpu=a`. */
  readonly ids: readonly string[];
  readonly volumes: readonly string[];
  readonly err: string;
}

/**
 * The scheduler's definition: one pending task after the other, each against lists of everything
 * that are searched anew.
 */
export class NaiveScheduler {
  readonly #nodes: readonly Node[];
  readonly #serviceIds: ReadonlyMap<string, string>;
  readonly #serviceNames: ReadonlyMap<string, string>;
  readonly #failures: readonly TaskFailure[];
  readonly #now: number;
  #tasks: Task[];
  #volumes: Volume[];
  readonly #strategy: "spread" | "binpack";

  constructor(store: Store, failures: readonly TaskFailure[]) {
    const { objects } = store.snapshot();
    const of = <K extends StoreObject["kind"]>(kind: K) =>
      objects.filter((object): object is StoreObject & { kind: K } => object.kind === kind);
    this.#nodes = of("node");
    this.#tasks = of("task");
    this.#volumes = of("volume");
    this.#serviceIds = new Map(of("service").map(({ id, spec }) => [spec.name, id]));
    this.#serviceNames = new Map(of("service").map(({ id, spec }) => [id, spec.name]));
    this.#failures = failures;
    this.#now = store.time;
    this.#strategy = store.cluster?.spec.strategy ?? "spread";
  }

  /** Decides for all but the busy ones, until `most` are placed. */
  decide(most: number, busy: ReadonlySet<string>): Decision[] {
    const waiting = this.#tasks.filter(
      ({ id, status, desiredState }) =>
        status.state === TaskState.PENDING && desiredState <= TaskState.COMPLETE && !busy.has(id),
    );
    const order = (task: Task) => [
      -task.spec.priority,
      task.nodeId === null ? 1 : 0,
      task.meta.createdAt,
      Number(task.id.slice(1)),
    ];
    waiting.sort((left, right) => compareLists(order(left), order(right)));
    const decisions: Decision[] = [];
    for (const task of waiting) {
      if (decisions.filter(({ node }) => node !== null).length >= most) break;
      decisions.push(this.#decide(task));
    }
    return decisions;
  }

  #decide(task: Task): Decision {
    const refusals = new Map<string, number>();
    const nodes = this.#nodes.filter(({ id }) => task.nodeId === null || task.nodeId === id);
    const fit = nodes.filter((node) => {
      const refusal = this.#refusal(node, task);
      if (refusal !== null) refusals.set(refusal, (refusals.get(refusal) ?? 0) + 1);
      return refusal === null;
    });
    const ranked = fit.map((node) => ({ node, rank: this.#rank(node, task) }));
    const [best] = ranked.sort((left, right) => compareLists(left.rank, right.rank));
    const nothing = { task: task.id, node: null, ids: [], volumes: [], err: "" };
    if (best === undefined) return { ...nothing, err: explain(refusals, task.nodeId !== null) };
    return this.#place(best.node, task);
  }

  #place(node: Node, task: Task): Decision {
    const assigned = new Map<string, readonly string[]>();
    for (const [kind, count] of task.spec.genericReservations) {
      const free = this.#freeIds(node, kind).slice(0, count);
      if (free.length > 0) assigned.set(kind, free);
    }
    const status = { ...task.status, state: TaskState.ASSIGNED };
    const placed: Task = { ...task, nodeId: node.id, assignedResources: assigned, status };
    this.#tasks = this.#tasks.map((each) => (each.id === task.id ? placed : each));
    const unbound = this.#mounted(task).filter((volume) => volume?.nodeId === null);
    const volumes = unbound.map((volume) => volume?.id as string);
    this.#volumes = this.#volumes.map((volume) =>
      volumes.includes(volume.id) ? { ...volume, nodeId: node.id } : volume,
    );
    const ids = [...assigned].flatMap(([kind, all]) => all.map((id) => `${kind}=${id}`));
    return { task: task.id, node: node.id, ids, volumes, err: "" };
  }

  #held(node: Node): Task[] {
    return this.#tasks.filter(
      ({ nodeId, status }) =>
        nodeId === node.id &&
        status.state >= TaskState.ASSIGNED &&
        status.state <= TaskState.RUNNING,
    );
  }

  #active(node: Node, service?: string): number {
    const wanted = this.#held(node).filter(
      ({ desiredState }) => desiredState <= TaskState.COMPLETE,
    );
    return wanted.filter(({ serviceId }) => (service ?? serviceId) === serviceId).length;
  }

  #mounted(task: Task): (Volume | undefined)[] {
    const mounts = task.spec.container.mounts.filter(({ kind }) => kind === "cluster");
    return mounts.map(({ source }) => this.#volumes.find(({ spec }) => spec.name === source));
  }

  #freeIds(node: Node, kind: string): string[] {
    const has = node.description.genericResources.get(kind);
    if (has?.kind !== "named") return [];
    const taken = this.#held(node).flatMap((each) => each.assignedResources.get(kind) ?? []);
    return has.ids.filter((id) => !taken.includes(id));
  }

  #refusal(node: Node, task: Task): string | null {
    const { placement, container } = task.spec;
    if (node.status.state !== "ready" || node.spec.availability !== "active") {
      return "not available for new tasks";
    }
    if (!this.#hasRoom(node, task)) return "insufficient resources on";
    const drivers = container.mounts.filter(({ kind }) => kind === "volume");
    if (!drivers.every(({ driver = "local" }) => hasVolumeDriver(node, driver))) {
      return "missing plugin on";
    }
    if (!hasLogDriver(node, task.spec.logDriver ?? task.logDriver ?? null)) {
      return "missing plugin on";
    }
    if (!meetsConstraints(node, placement.constraints)) {
      return "scheduling constraints not satisfied on";
    }
    if (!meetsPlatforms(node.description.platform, placement.platforms)) {
      return "unsupported platform on";
    }
    const ports = this.#held(node).flatMap((each) => each.ports.map((port) => port.publishedPort));
    if (task.ports.some(({ publishedPort }) => ports.includes(publishedPort))) {
      return "host-mode port already in use on";
    }
    return this.#serviceRefusal(node, task);
  }

  #hasRoom(node: Node, task: Task): boolean {
    const { reservations, genericReservations } = task.spec;
    const { nanoCpus, memoryBytes } = reservations;
    if (nanoCpus + memoryBytes + genericReservations.size === 0) return true;
    const held = this.#held(node).map(({ spec }) => spec);
    const total = node.description.resources;
    const cpus = sum(held.map((spec) => spec.reservations.nanoCpus)) + nanoCpus;
    const memory = sum(held.map((spec) => spec.reservations.memoryBytes)) + memoryBytes;
    if (cpus > total.nanoCpus || memory > total.memoryBytes) return false;
    return [...genericReservations].every(([kind, count]) => {
      const has = node.description.genericResources.get(kind);
      if (has?.kind === "named") return this.#freeIds(node, kind).length >= count;
      const used = sum(held.map((spec) => spec.genericReservations.get(kind) ?? 0));
      return used + count <= (has?.count ?? 0);
    });
  }

  #serviceRefusal(node: Node, task: Task): string | null {
    const { maxReplicas, affinity, antiAffinity } = task.spec.placement;
    if (maxReplicas > 0 && this.#active(node, task.serviceId) >= maxReplicas) {
      return "max replicas per node limit exceed";
    }
    const isReachable = (volume: Volume | undefined) =>
      volume !== undefined &&
      volume.spec.availability === "active" &&
      (volume.nodeId === null || volume.nodeId === node.id) &&
      hasVolumeDriver(node, volume.spec.driver);
    if (!this.#mounted(task).every(isReachable)) return "cannot fulfill requested volumes on";
    const has = (name: string) => this.#active(node, this.#serviceIds.get(name) ?? "none") > 0;
    if (!affinity.every(has)) return "service affinity not satisfied on";
    const own = this.#serviceNames.get(task.serviceId) ?? "none";
    const isForeign = (other: Task) =>
      antiAffinity.some((name) => this.#serviceIds.get(name) === other.serviceId) ||
      other.spec.placement.antiAffinity.includes(own);
    return this.#held(node).some(isForeign) ? "service anti-affinity not satisfied on" : null;
  }

  #rank(node: Node, task: Task): number[] {
    const own = this.#active(node, task.serviceId);
    const all = this.#active(node);
    const strategy = task.spec.placement.strategy ?? this.#strategy;
    const byStrategy = strategy === "spread" ? [own, all] : [-this.#fullness(node), -all];
    const number = Number(node.id.slice(1));
    return [...this.#branches(node, task), this.#faults(node, task), ...byStrategy, number];
  }

  /** Tasks of the service in each branch that the node is part of. */
  #branches(node: Node, task: Task): number[] {
    const { preferences } = task.spec.placement;
    return preferences.map((_, at) => {
      const path = (each: Node) => preferences.slice(0, at + 1).map((key) => zoneOf(each, key));
      const alike = this.#nodes.filter((each) => `${path(each)}` === `${path(node)}`);
      return sum(alike.map((each) => this.#active(each, task.serviceId)));
    });
  }

  #faults(node: Node, task: Task): number {
    const count = this.#failures.filter(
      ({ at, nodeId, serviceId, specVersion }) =>
        this.#now - at < 300_000_000 &&
        nodeId === node.id &&
        serviceId === task.serviceId &&
        specVersion === task.specVersion,
    ).length;
    return count >= 5 ? count : 0;
  }

  #fullness(node: Node): number {
    const held = this.#held(node).map(({ spec }) => spec.reservations);
    const { nanoCpus, memoryBytes } = node.description.resources;
    const share = (used: number, total: number) => Math.floor((used / total) * 1_000_000);
    return (
      share(sum(held.map((each) => each.nanoCpus)), nanoCpus) +
      share(sum(held.map((each) => each.memoryBytes)), memoryBytes)
    );
  }
}

function zoneOf(node: Node, key: string): string {
  return node.spec.labels.get(key.slice("node.labels.".length)) ?? "";
}

function explain(refusals: ReadonlyMap<string, number>, isPreassigned: boolean): string {
  if (refusals.size === 0) return "no suitable node";
  const words = [
    "not available for new tasks",
    "insufficient resources on",
    "missing plugin on",
    "scheduling constraints not satisfied on",
    "unsupported platform on",
    "host-mode port already in use on",
    "max replicas per node limit exceed",
    "cannot fulfill requested volumes on",
    "service affinity not satisfied on",
    "service anti-affinity not satisfied on",
  ];
  const sorted = [...refusals].sort(
    (left, right) => right[1] - left[1] || words.indexOf(left[0]) - words.indexOf(right[0]),
  );
  const texts = sorted.map(([text, count]) => {
    const nodes = count === 1 ? "1 node" : `${count} nodes`;
    if (text.startsWith("max")) return text;
    return text.endsWith(" on") ? `${text} ${nodes}` : `${nodes} ${text}`;
  });
  return isPreassigned ? texts.join("; ") : `no suitable node (${texts.join("; ")})`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((left, right) => left + right, 0);
}

function compareLists(left: readonly number[], right: readonly number[]): number {
  for (const [at, value] of left.entries()) {
    if (value !== right[at]) return value - (right[at] as number);
  }
  return 0;
}
