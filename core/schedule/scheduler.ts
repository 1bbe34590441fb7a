import { assert } from "../base/assert.ts";
import { compareText } from "../base/order.ts";
import type { Planted } from "../base/planted.ts";
import type { Task } from "../model/task.ts";
import type { OpenEntry, PlanContext } from "../plan/plan.ts";
import type { StoreEvent } from "../store/event.ts";
import type { StoreView } from "../store/view.ts";
import { assignedTo, assignment, noPlacement } from "./assignment.ts";
import { type Departures, isBetterOff, type Move } from "./better-place.ts";
import { activeTasksOf, type Candidate } from "./candidate.ts";
import type { FilterContext } from "./filters.ts";
import { NodeSet } from "./node-set.ts";
import { type Choice, Orders } from "./orders.ts";
import { type Clearing, cheapestClearing } from "./preemption.ts";
import { allFilters, explanation, refusingFilter } from "./ranking.ts";
import { unboundVolumes } from "./service-filters.ts";
import { isPending, TaskQueue } from "./task-queue.ts";

/**
 * Gives each pending task a node (SwarmKit `manager/scheduler`).
 *
 * Definition: the pending tasks are taken one after the other (see `TaskQueue`), and each gets the
 * best of the nodes that pass every filter, what was placed before it counted in. A task that fits
 * nowhere stays pending and says why, and is tried again when something changes in its favour: a
 * label that meets its constraint again, too (in SwarmKit it may wait for ever, moby/moby#31014).
 * A turn tries each task once, and so ends whatever the preferences are (moby/swarmkit#3200).
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
  /** Tasks for which room is being cleared, by id. */
  readonly #nominated = new Set<string>();
  /** For whose likes no room can be cleared in this turn (see `#clear`). */
  readonly #hopeless = new Set<string>();
  /** Some task that fitted nowhere wants another service's tasks beside it. */
  #awaitsNeighbours = false;

  constructor(view: StoreView, planted: Planted) {
    this.#view = view;
    this.#filterContext = { view, bound: this.#bound, planted };
    this.#nodes = new NodeSet(view, planted);
    this.#orders = new Orders(this.#nodes, this.#filterContext);
    for (const task of view.tasks.values()) this.#noteWaiting(task.id, task);
  }

  /** True when a task is to be tried. */
  get hasWork(): boolean {
    return this.#queue.hasWork;
  }

  /** Follows what the store has applied. */
  note(events: readonly StoreEvent[]): void {
    for (const event of events) {
      const { kind, id, previous, current } = event;
      if (kind === "task") this.#noteTask(id, previous, current);
      else if (kind === "node") {
        this.#nodes.noteNode(current, id);
        this.#tryAgain();
      } else if (mayMakeRoom(event)) this.#tryAgain();
    }
  }

  /** Places as many tasks as the entry has room for. The one before it must be in the store. */
  plan(context: PlanContext, entry: OpenEntry): void {
    this.#beginTurn();
    while (!entry.isFull) {
      const waiting = this.#queue.take();
      if (waiting === null) break;
      assert(isPending(waiting.task), "the queue follows the store");
      if (this.#tell(context, entry, waiting.task)) this.#queue.setTried(waiting);
      else this.#queue.setAside(waiting);
    }
  }

  /**
   * Of `tasks`, which run, the first on the fullest node that would be better off elsewhere; null
   * when all are well where they are. What this turn has placed counts.
   */
  findMove(tasks: readonly Task[], departures: Departures): Move | null {
    const placed = tasks.map((task) => ({ task, from: this.#nodes.of(task.nodeId ?? "") }));
    for (const { task, from } of placed.sort(fullestFirst)) {
      const to = this.#orders.choose(task).best;
      if (from === undefined || to === null || to === from) continue;
      const move = { task, from, to };
      if (isBetterOff(move, this.#view, this.#nodes, departures)) return { task, nodeId: to.id };
    }
    return null;
  }

  /** A move is begun: its task is counted where it goes, ahead of its assignment. */
  count(context: PlanContext, { task, nodeId }: Move): void {
    const to = this.#nodes.of(nodeId);
    if (to !== undefined) this.#nodes.plan(to, assignedTo(to, task, context));
  }

  /** A task that waits for neighbours is tried whenever others are. */
  #beginTurn(): void {
    this.#nodes.endTurn();
    this.#orders.beginTurn();
    if (this.#bound.size > 0) this.#bound.clear();
    this.#queue.beginTurn();
    if (this.#hopeless.size > 0) this.#hopeless.clear();
    for (const id of this.#nominated) this.#queue.retry(id);
    if (this.#awaitsNeighbours && this.#queue.hasWork) this.#tryAgain();
  }

  /** False when there is nothing to tell: the task fits nowhere, and its status says so. */
  #tell(context: PlanContext, entry: OpenEntry, task: Task): boolean {
    const { best, refusals } = this.#choose(task);
    if (best === null) return this.#refuse(context, entry, task, refusals);
    this.#place(context, entry, task, best);
    return true;
  }

  #place(context: PlanContext, entry: OpenEntry, task: Task, best: Candidate): void {
    const assigned = assignedTo(best, task, context);
    const unbound = unboundVolumes(this.#view, task, this.#bound);
    if (!entry.offer(assignment(assigned, unbound))) return;
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

  /** In SwarmKit's words, which differ for a task that has only one node to go to. */
  #refuse(
    context: PlanContext,
    entry: OpenEntry,
    task: Task,
    refusals: readonly number[],
  ): boolean {
    const reasons = explanation(refusals);
    const general = reasons === "" ? "no suitable node" : `no suitable node (${reasons})`;
    const clearing = this.#clear(task);
    const why = task.nodeId !== null && reasons !== "" ? reasons : general;
    const told = noPlacement(task, why, clearing);
    const isTold = told === null || entry.offer(told);
    if (clearing !== null && isTold) {
      this.#nodes.plan(clearing.node, assignedTo(clearing.cleared, task, context));
    }
    if (task.spec.placement.affinity.length > 0) this.#awaitsNeighbours = true;
    return told !== null;
  }

  /**
   * Whose room the task gets, where the cluster allows it: that which is being cleared for it, as
   * long as that will do. Until it is placed, the room is held against all who come after it.
   */
  #clear(task: Task): Clearing | null {
    const { planted } = this.#filterContext;
    if (this.#view.cluster?.spec.preemption !== true && planted !== "S21") return null;
    const kind = `${task.serviceId} ${task.specVersion} ${task.nodeId}`;
    if (this.#hopeless.has(kind)) return null;
    const nominated = this.#nodes.of(task.nominatedNodeId ?? "");
    const before =
      nominated === undefined ? null : cheapestClearing(task, [nominated], this.#filterContext);
    if (before !== null && before.victims.length === 0) return before;
    const own = task.nodeId === null ? undefined : this.#nodes.of(task.nodeId);
    const nodes = own === undefined ? this.#nodes.all() : [own];
    const clearing = cheapestClearing(task, nodes, this.#filterContext);
    if (clearing === null) this.#hopeless.add(kind);
    return clearing;
  }

  #noteTask(id: string, previous: Task | null, current: Task | null): void {
    this.#noteWaiting(id, current);
    const freed = this.#nodes.noteTask(previous, current);
    if (freed > 0 || (freed < 0 && this.#awaitsNeighbours)) this.#tryAgain();
  }

  #noteWaiting(id: string, task: Task | null): void {
    this.#queue.note(id, task);
    const isNominated = task !== null && task.nominatedNodeId !== null && isPending(task);
    if (isNominated) this.#nominated.add(id);
    else this.#nominated.delete(id);
  }

  #tryAgain(): void {
    if (this.#filterContext.planted === "S16") return;
    this.#queue.tryAgain();
    this.#awaitsNeighbours = false;
  }
}

/**
 * True when a change of something other than tasks and nodes may let a task fit somewhere: nobody
 * has to keep away from a service that is gone. One that is new has no task yet.
 */
function mayMakeRoom({ kind, current }: StoreEvent): boolean {
  return kind === "volume" || kind === "cluster" || (kind === "service" && current === null);
}

interface Placed {
  readonly task: Task;
  readonly from: Candidate | undefined;
}

function fullestFirst(left: Placed, right: Placed): number {
  const difference = tasksBeside(right) - tasksBeside(left);
  return difference || compareText(left.task.id, right.task.id);
}

function tasksBeside({ task, from }: Placed): number {
  return from === undefined ? 0 : activeTasksOf(from, task.serviceId);
}
