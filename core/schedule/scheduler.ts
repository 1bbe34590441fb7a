import { assert } from "../base/assert.ts";
import type { Planted } from "../base/planted.ts";
import type { Table } from "../model/change.ts";
import type { Task } from "../model/task.ts";
import type { Volume } from "../model/volume.ts";
import type { OpenEntry, PlanContext } from "../plan/plan.ts";
import type { StoreEvent } from "../store/event.ts";
import type { StoreView } from "../store/view.ts";
import { assignedTo, assignment, refusal } from "./assignment.ts";
import type { FilterContext } from "./filters.ts";
import { NodeSet } from "./node-set.ts";
import { type Choice, Orders } from "./orders.ts";
import { allFilters, explanation, refusingFilter } from "./ranking.ts";
import { clusterVolumes, placeOf } from "./service-filters.ts";
import { isPending, TaskQueue } from "./task-queue.ts";

/**
 * Gives each pending task a node (SwarmKit `manager/scheduler`).
 *
 * Definition: the pending tasks are taken one after the other (see `TaskQueue`), and each gets the
 * best of the nodes that pass every filter, what was placed before it counted in. A task that fits
 * nowhere stays pending and says why, and is tried again when something changes in its favour.
 *
 * All that is kept here only saves time: it follows the store's events, and a new leader builds it
 * anew and decides the same.
 *
 * A task that runs is never moved. Rebalancing is the orchestrator's to decide: it replaces a task,
 * start-first, and the scheduler gives the new one the best node of that moment.
 */
export class Scheduler {
  readonly #view: StoreView;
  readonly #filterContext: FilterContext;
  readonly #nodes: NodeSet;
  readonly #orders: Orders;
  readonly #queue = new TaskQueue();
  /** Volumes that this turn gives a place, by id. */
  readonly #bound = new Map<string, string>();
  /** Tasks that this turn has placed, and those for which the entry had no room, or a conflict. */
  readonly #placed: string[] = [];
  readonly #later: Task[] = [];
  /** Some task that fitted nowhere wants another service's tasks beside it. */
  #awaitsNeighbours = false;

  constructor(view: StoreView, planted: Planted) {
    this.#view = view;
    this.#filterContext = { view, bound: this.#bound, planted };
    this.#nodes = new NodeSet(view, planted);
    this.#orders = new Orders(this.#nodes, this.#filterContext);
    for (const task of view.tasks.values()) this.#queue.note(task.id, task);
  }

  /** True when a task is to be tried. */
  get hasWork(): boolean {
    return this.#queue.hasWork;
  }

  /** Follows what the store has applied. */
  note(events: readonly StoreEvent[]): void {
    for (const { previous, current } of events) {
      const object = current ?? previous;
      if (object === null) continue;
      if (object.kind === "task") this.#noteTask(previous as Task | null, current as Task | null);
      else if (object.kind === "node") {
        this.#nodes.noteNode(current === null ? null : object, object.id);
        this.#tryAgain();
      } else if (mayMakeRoom(object.kind, previous !== null && current !== null)) this.#tryAgain();
    }
  }

  /** Places as many tasks as the entry has room for. The one before it must be in the store. */
  plan(context: PlanContext, entry: OpenEntry): void {
    this.#beginTurn();
    while (!entry.isFull) {
      const id = this.#queue.take();
      if (id === null) break;
      const task = this.#view.tasks.get(id);
      assert(task !== undefined && isPending(task), "the queue follows the store");
      this.#place(context, entry, task);
    }
    for (const task of this.#later.splice(0)) this.#queue.putBack(task);
  }

  /**
   * A placement that was not committed after all is planned anew. Who waits for others beside it is
   * tried whenever others are.
   */
  #beginTurn(): void {
    this.#nodes.endTurn();
    this.#bound.clear();
    for (const id of this.#placed) this.#queue.note(id, this.#view.tasks.get(id) ?? null);
    this.#placed.length = 0;
    if (this.#awaitsNeighbours && this.#queue.hasWork) this.#tryAgain();
  }

  #place(context: PlanContext, entry: OpenEntry, task: Task): void {
    const { best, refusals } = this.#choose(task);
    if (best === null) return this.#refuse(entry, task, refusals);
    const assigned = assignedTo(best, task, context);
    const unbound = this.#unbound(task);
    if (!entry.offer(assignment(assigned, unbound))) {
      this.#later.push(task);
      return;
    }
    this.#placed.push(task.id);
    for (const volume of unbound) this.#bound.set(volume.id, best.id);
    this.#nodes.plan(best, assigned);
  }

  #choose(task: Task): Choice {
    if (task.nodeId === null) return this.#orders.choose(task);
    const candidate = this.#nodes.of(task.nodeId);
    if (candidate === undefined) return { best: null, refusals: [] };
    const refusedBy = refusingFilter(candidate, task, this.#filterContext);
    const refusals = allFilters.map((_, at) => Number(at === refusedBy));
    return { best: refusedBy < 0 ? candidate : null, refusals };
  }

  /**
   * In SwarmKit's words, which differ for a task that has only one node to go to.
   *
   * This is the place for preemption: the task fits nowhere, and `TaskQueue` has handed out all
   * tasks of a higher priority before it. Those of a lower one would be asked to stop on the node
   * where that makes it fit at the least cost; once they have stopped, it is tried again.
   */
  #refuse(entry: OpenEntry, task: Task, refusals: readonly number[]): void {
    const reasons = explanation(refusals);
    const general = reasons === "" ? "no suitable node" : `no suitable node (${reasons})`;
    const told = refusal(task, task.nodeId !== null && reasons !== "" ? reasons : general);
    if (told !== null && !entry.offer(told)) {
      this.#later.push(task);
      return;
    }
    this.#queue.setAside(task);
    if (task.spec.placement.affinity.length > 0) this.#awaitsNeighbours = true;
  }

  #unbound(task: Task): Volume[] {
    const known = clusterVolumes(this.#view, task).filter((volume) => volume !== undefined);
    return [...new Set(known)].filter((volume) => placeOf(volume, this.#bound) === null);
  }

  #noteTask(previous: Task | null, current: Task | null): void {
    this.#queue.note((current ?? previous)?.id as string, current);
    const freed = this.#nodes.noteTask(previous, current);
    if (freed > 0 || (freed < 0 && this.#awaitsNeighbours)) this.#tryAgain();
  }

  #tryAgain(): void {
    this.#queue.tryAgain();
    this.#awaitsNeighbours = false;
  }
}

/** True when a change of something other than tasks and nodes may let a task fit somewhere. */
function mayMakeRoom(kind: Table, isUpdate: boolean): boolean {
  return kind === "volume" || kind === "cluster" || (kind === "service" && !isUpdate);
}
