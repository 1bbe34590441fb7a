import type { Planted } from "../base/planted.ts";
import type { Task } from "../model/task.ts";
import { isTerminal, isWanted, TaskState } from "../model/task-state.ts";

/** What a node's tasks take, kept up to date change by change. */
export interface NodeLoad {
  /** Sums over tasks that have not stopped, wanted or not (SwarmKit `scheduler/nodeinfo.go`). */
  readonly nanoCpus: number;
  readonly memoryBytes: number;
  /** Tasks that have not stopped and are still wanted: what spreading counts. */
  readonly activeTasks: number;
  readonly activeTasksByService: ReadonlyMap<string, number>;
}

const idle: NodeLoad = {
  nanoCpus: 0,
  memoryBytes: 0,
  activeTasks: 0,
  activeTasksByService: new Map(),
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

  /**
   * Takes `task` in (`sign` 1) or out (-1). The task of a global service has its node from the
   * first, but takes nothing there before the scheduler has agreed.
   */
  count(task: Task, sign: 1 | -1): void {
    if (task.nodeId === null || task.status.state < TaskState.ASSIGNED) return;
    if (!this.#charged(task)) return;
    const load = this.#load(task.nodeId);
    load.nanoCpus += sign * task.spec.reservations.nanoCpus;
    load.memoryBytes += sign * task.spec.reservations.memoryBytes;
    if (isWanted(task.desiredState)) countActive(load, task.serviceId, sign);
  }

  #charged(task: Task): boolean {
    if (this.#planted === "S01" && task.desiredState < TaskState.RUNNING) return false;
    if (this.#planted === "S02") return true;
    return !isTerminal(task.status.state);
  }

  #load(node: string): MutableLoad {
    let load = this.#loads.get(node);
    if (load === undefined) {
      load = { nanoCpus: 0, memoryBytes: 0, activeTasks: 0, activeTasksByService: new Map() };
      this.#loads.set(node, load);
    }
    return load;
  }
}

interface MutableLoad {
  nanoCpus: number;
  memoryBytes: number;
  activeTasks: number;
  activeTasksByService: Map<string, number>;
}

function countActive(load: MutableLoad, service: string, sign: 1 | -1): void {
  load.activeTasks += sign;
  const count = (load.activeTasksByService.get(service) ?? 0) + sign;
  if (count === 0) load.activeTasksByService.delete(service);
  else load.activeTasksByService.set(service, count);
}
