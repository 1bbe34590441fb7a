import type { Planted } from "../base/planted.ts";
import { hostPortKeys, namedResourceKeys } from "../model/claims.ts";
import type { Task } from "../model/task.ts";
import { isTerminal, isWanted, TaskState } from "../model/task-state.ts";

/** What a node's tasks take, kept up to date change by change. */
export interface NodeLoad {
  /** Sums over tasks that have not stopped, wanted or not (SwarmKit `scheduler/nodeinfo.go`). */
  readonly nanoCpus: number;
  readonly memoryBytes: number;
  /** How many of each kind of generic resource. */
  readonly generic: ReadonlyMap<string, number>;
  /** Holders of each named one, by `kind=id`. */
  readonly namedResources: ReadonlyMap<string, number>;
  /** Users of each port of the node itself, by its key. */
  readonly hostPorts: ReadonlyMap<string, number>;
  /** How many tasks will not have each service, by name, next to them. */
  readonly excludedServices: ReadonlyMap<string, number>;
  /** Tasks that have not stopped and are still wanted: what spreading counts. */
  readonly activeTasks: number;
  readonly activeTasksByService: ReadonlyMap<string, number>;
}

/** The parts of a load that are counted by name. */
export type LoadTable = {
  [K in keyof NodeLoad]: NodeLoad[K] extends number ? never : K;
}[keyof NodeLoad];

const nothing: ReadonlyMap<string, number> = new Map();

/** Of a node without tasks. */
export const idle: NodeLoad = {
  nanoCpus: 0,
  memoryBytes: 0,
  generic: nothing,
  namedResources: nothing,
  hostPorts: nothing,
  excludedServices: nothing,
  activeTasks: 0,
  activeTasksByService: nothing,
};

/** The loads of all nodes, as a function of the tasks. */
export class NodeLoads {
  readonly #loads = new Map<string, MutableLoad>();
  readonly #planted: Planted;

  constructor(planted: Planted) {
    this.#planted = planted;
  }

  of(node: string): NodeLoad {
    return this.#loads.get(node) ?? idle;
  }

  /** Counts a change of a task; null: it did not exist, or is gone. */
  replace(previous: Task | null, current: Task | null): void {
    if (previous !== null && current !== null && this.#takeTheSame(previous, current)) return;
    if (previous !== null) this.count(previous, -1);
    if (current !== null) this.count(current, 1);
  }

  /** True of most changes. False does no harm. */
  #takeTheSame(left: Task, right: Task): boolean {
    return (
      left.nodeId === right.nodeId &&
      left.spec === right.spec &&
      left.ports === right.ports &&
      left.assignedResources === right.assignedResources &&
      isWanted(left.desiredState) === isWanted(right.desiredState) &&
      this.#isCharged(left) === this.#isCharged(right)
    );
  }

  /**
   * Takes `task` in (`sign` 1) or out (-1). The task of a global service has its node from the
   * first, but takes nothing there before the scheduler has agreed.
   */
  count(task: Task, sign: 1 | -1): void {
    if (task.nodeId === null || !this.#isCharged(task)) return;
    const load = this.#load(task.nodeId);
    load.nanoCpus += sign * task.spec.reservations.nanoCpus;
    load.memoryBytes += sign * task.spec.reservations.memoryBytes;
    countClaims(load, task, sign);
    if (!isWanted(task.desiredState)) return;
    load.activeTasks += sign;
    tally(load, "activeTasksByService", task.serviceId, sign);
  }

  /** Only a planted bug loses count. */
  forget(node: string): void {
    this.#loads.delete(node);
  }

  #isCharged(task: Task): boolean {
    if (this.#planted === "S02") return task.status.state >= TaskState.ASSIGNED;
    return isCharged(task);
  }

  #load(node: string): MutableLoad {
    let load = this.#loads.get(node);
    if (load === undefined) {
      load = { ...idle };
      this.#loads.set(node, load);
    }
    return load;
  }
}

/** Its tables are made when something is first counted in them. */
type MutableLoad = { -readonly [K in keyof NodeLoad]: NodeLoad[K] };

/**
 * True when the task takes room on its node: from its assignment until it has stopped. One that was
 * created for a node, but not yet confirmed by the scheduler, takes none.
 */
export function isCharged({ nodeId, status }: Task): boolean {
  return nodeId !== null && status.state >= TaskState.ASSIGNED && !isTerminal(status.state);
}

function countClaims(load: MutableLoad, task: Task, sign: 1 | -1): void {
  const { genericReservations, placement } = task.spec;
  if (genericReservations.size > 0) {
    for (const [kind, count] of genericReservations) tally(load, "generic", kind, sign * count);
    for (const key of namedResourceKeys(task)) tally(load, "namedResources", key, sign);
  }
  if (task.ports.length > 0) {
    for (const key of hostPortKeys(task.ports)) tally(load, "hostPorts", key, sign);
  }
  for (const name of placement.antiAffinity) tally(load, "excludedServices", name, sign);
}

function tally(load: MutableLoad, table: LoadTable, key: string, amount: number): void {
  if (load[table] === nothing) load[table] = new Map();
  const counts = load[table] as Map<string, number>;
  const count = (counts.get(key) ?? 0) + amount;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
