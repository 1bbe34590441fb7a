import { sortedText } from "../../core/base/order.ts";
import type { Task } from "../../core/model/task.ts";
import { isWanted } from "../../core/model/task-state.ts";
import { idle, type LoadTable, type NodeLoad } from "../../core/store/node-load.ts";
import type { StoreView } from "../../core/store/view.ts";
import type { Commit } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { hostPortsOf, namedResourcesOf } from "./claims.ts";
import { takesRoom } from "./placement.ts";

/**
 * What a manager keeps of a node's load is what the node's tasks take, added up anew: nothing leaks
 * and nothing is forgotten. It is checked for the nodes that an entry has to do with, in the store
 * of who applies it first: most often the leader, whose load the scheduler goes by.
 */
export class LoadIsSum implements Checker {
  readonly name = "load-is-sum";
  readonly source = "SwarmKit scheduler/nodeinfo.go; moby/swarmkit#471, #540";
  checks = 0;
  /** The store that `#sums` are of; null: of none. */
  #summed: StoreView | null = null;
  /** By node: what its tasks take, as long as none has come to take anything else. */
  readonly #sums = new Map<string, NodeLoad>();

  committed({ nodes, tasks, host, isForced }: Commit): void {
    const view = host.node?.member?.store;
    if (view === undefined) return;
    if (view !== this.#summed || isForced) this.#sums.clear();
    this.#summed = view;
    const touched = new Set<string>();
    for (const { id } of nodes) touched.add(id);
    for (const { previous, current } of tasks) {
      const nodeId = (current ?? previous)?.nodeId ?? null;
      if (nodeId === null) continue;
      touched.add(nodeId);
      if (!takeTheSame(previous, current)) this.#sums.delete(nodeId);
    }
    for (const id of touched) this.#check(host, view, id);
  }

  #check(host: Host, view: StoreView, id: string): void {
    this.checks += 1;
    const kept = view.loadOf(id);
    const sum = this.#sums.get(id) ?? sumOf(view.tasksOnNode(id).values());
    this.#sums.set(id, sum);
    for (const key of parts) {
      if (isSame(kept[key], sum[key])) continue;
      const [left, right] = [text(kept[key]), text(sum[key])];
      const detail = `${host.name} takes ${key} of ${id} for ${left}, but its tasks take ${right}`;
      throw new BrokenInvariant(this.name, host.name, detail);
    }
  }
}

/** What is compared. */
const parts = [
  ...(["nanoCpus", "memoryBytes", "generic", "namedResources", "hostPorts"] as const),
  ...(["excludedServices", "activeTasks", "activeTasksByService"] as const),
] as const satisfies readonly (keyof NodeLoad)[];

/** False does no harm. */
function takeTheSame(previous: Task | null, current: Task | null): boolean {
  if (previous === null || current === null) return false;
  if (!takesRoom(previous) && !takesRoom(current)) return true;
  return (
    takesRoom(previous) === takesRoom(current) &&
    previous.spec === current.spec &&
    previous.ports === current.ports &&
    previous.assignedResources === current.assignedResources &&
    isWanted(previous.desiredState) === isWanted(current.desiredState)
  );
}

type Sum = { -readonly [K in keyof NodeLoad]: NodeLoad[K] };

function sumOf(tasks: Iterable<Task>): NodeLoad {
  const sum: Sum = { ...idle };
  for (const task of tasks) {
    if (!takesRoom(task)) continue;
    const { reservations, genericReservations, placement } = task.spec;
    sum.nanoCpus += reservations.nanoCpus;
    sum.memoryBytes += reservations.memoryBytes;
    for (const [kind, count] of genericReservations) add(sum, "generic", kind, count);
    if (task.assignedResources.size > 0) {
      for (const key of namedResourcesOf(task)) add(sum, "namedResources", key, 1);
    }
    if (task.ports.length > 0) {
      for (const key of hostPortsOf(task)) add(sum, "hostPorts", key, 1);
    }
    for (const service of placement.antiAffinity) add(sum, "excludedServices", service, 1);
    if (!isWanted(task.desiredState)) continue;
    sum.activeTasks += 1;
    add(sum, "activeTasksByService", task.serviceId, 1);
  }
  return sum;
}

/** Most nodes have something in one table at most. */
function add(sum: Sum, table: LoadTable, key: string, count: number): void {
  if (sum[table] === idle[table]) sum[table] = new Map();
  const counts = sum[table] as Map<string, number>;
  counts.set(key, (counts.get(key) ?? 0) + count);
}

type Counted = number | ReadonlyMap<string, number>;

/** A count of 0 is as good as none. */
function isSame(kept: Counted, sum: Counted): boolean {
  if (kept === sum) return true;
  if (typeof kept === "number" || typeof sum === "number") return kept === sum;
  for (const [key, count] of sum) if ((kept.get(key) ?? 0) !== count) return false;
  for (const [key, count] of kept) if (count !== 0 && !sum.has(key)) return false;
  return true;
}

function text(counted: Counted): string {
  if (typeof counted === "number") return String(counted);
  const counts = [...counted].filter(([, count]) => count !== 0);
  return sortedText(counts.map(([key, count]) => `${count} ${key}`)).join(", ") || "nothing";
}
