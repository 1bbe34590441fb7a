import { sortedById } from "../base/order.ts";
import type { Planted } from "../base/planted.ts";
import { after, minutes, seconds, type Timestamp } from "../base/time.ts";
import { updateOf } from "../model/change.ts";
import { changedService } from "../model/changed.ts";
import { settingsOf } from "../model/cluster.ts";
import { speaks } from "../model/level.ts";
import { type Node, takesTasks } from "../model/node.ts";
import type { Service } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import { isTerminal, isWanted, TaskState } from "../model/task-state.ts";
import { isUpdating } from "../model/update-config.ts";
import { beginMove, movableTasks } from "../orchestrate/move.ts";
import { earlier, type PlanContext, transaction } from "../plan/plan.ts";
import type { Departures } from "../schedule/better-place.ts";
import type { Scheduler } from "../schedule/scheduler.ts";
import type { StoreEvent } from "../store/event.ts";
import type { StoreView } from "../store/view.ts";
import type { Turn } from "./turn.ts";

/** Over how long moves are counted, and how long a node must be there before any is made to it. */
const window = minutes(1);
/** From one look over all services to the next. */
const rest = seconds(1);

/** A task on its way from one node to another. */
interface MoveInFlight {
  readonly serviceId: string;
  readonly predecessor: string;
  readonly from: string;
}

/**
 * Moves tasks from nodes with much to do to nodes with less, where the cluster asks for it: at most
 * `rebalancePerMinute` in any minute, each started before its predecessor stops. A service for
 * which a user has asked is moved one task at a time, whatever that limit is. Ours: in SwarmKit a
 * task that runs well never moves (moby/moby#24103).
 *
 * It looks over the services every minute, and soon after something has changed that may matter.
 * What the limit counts are the tasks themselves, so that a new leader goes on where the last one
 * was; only how long nodes have been there it counts anew.
 */
export class Rebalance implements Departures {
  readonly #view: StoreView;
  readonly #planted: Planted;
  readonly #inFlight = new Map<string, MoveInFlight>();
  /** When each move of the last minute was begun, by the id of its task; the oldest first. */
  readonly #recent = new Map<string, Timestamp>();
  /** Since when each node has taken tasks, as far as this leader has seen. */
  readonly #readySince = new Map<string, Timestamp>();
  /** Services for which a user has asked. */
  readonly #asked = new Set<string>();
  #wakeAt: Timestamp | null = null;
  #restsUntil: Timestamp;

  constructor(view: StoreView, planted: Planted) {
    this.#view = view;
    this.#planted = planted;
    this.#restsUntil = view.time;
    for (const node of view.nodes.values()) this.#noteNode(node.id, node);
    for (const service of view.services.values()) this.#noteService(service.id, service);
    const moves = [...view.tasks.values()].filter(({ isMove }) => isMove);
    moves.sort((left, right) => left.meta.createdAt - right.meta.createdAt);
    for (const task of moves) this.#noteMove(task, task.meta.createdAt);
  }

  /** When it must look again; null: nobody wants anything moved. */
  get nextWake(): Timestamp | null {
    return this.#perMinute() > 0 || this.#asked.size > 0 ? this.#wakeAt : null;
  }

  hasWork(now: Timestamp): boolean {
    return this.nextWake !== null && this.nextWake <= now;
  }

  /** Tasks that leave the node, as another already takes their place elsewhere. */
  of(node: string): number {
    return this.#count(({ from }) => from === node);
  }

  ofService(node: string, service: string): number {
    return this.#count(({ from, serviceId }) => from === node && serviceId === service);
  }

  left(service: string): ReadonlySet<string> {
    const moves = [...this.#inFlight.values()].filter(({ serviceId }) => serviceId === service);
    return new Set(moves.map(({ from }) => from));
  }

  /** Follows what the store has applied. */
  note(events: readonly StoreEvent[]): void {
    for (const { kind, id, previous, current } of events) {
      if (kind === "task") this.#noteTask(id, previous, current);
      else if (kind === "node") this.#noteNode(id, current);
      else if (kind === "service") this.#noteService(id, current);
      else if (kind === "cluster") this.#lookBy(this.#view.time);
    }
  }

  /** Begins as many moves as may be. The scheduler has had its part of the turn before. */
  plan(context: PlanContext, turn: Turn, scheduler: Scheduler): void {
    const { now } = context;
    if (!this.hasWork(now)) return;
    this.#restsUntil = after(now, rest);
    this.#wakeAt = this.#perMinute() > 0 ? after(now, window) : this.#restsUntil;
    this.#forgetBefore(now);
    if (this.#isUnplaced()) return this.#lookBy(now);
    for (const service of this.#candidates()) {
      if (turn.isFull) return this.#lookBy(now);
      const most = this.#mostOf(service);
      if (most > 0) this.#move(context, turn, scheduler, service, most);
    }
  }

  /** A move that has no room on its node yet counts nowhere: the next one would go there too. */
  #isUnplaced(): boolean {
    for (const id of this.#inFlight.keys()) {
      const task = this.#view.tasks.get(id);
      if (task !== undefined && task.status.state < TaskState.ASSIGNED) return true;
    }
    return false;
  }

  #perMinute(): number {
    if (!speaks(this.#view.cluster, "moves")) return 0;
    if (this.#planted === "B03") return 10;
    return settingsOf(this.#view.cluster).rebalancePerMinute;
  }

  #candidates(): Service[] {
    const { services } = this.#view;
    if (this.#perMinute() > 0) return sortedById(services.values());
    return sortedById([...services.values()].filter(({ id }) => this.#asked.has(id)));
  }

  /** How many tasks of the service may be moved now. */
  #mostOf({ id }: Service): number {
    const room = this.#planted === "B01" ? 1_000 : this.#perMinute() - this.#recent.size;
    const isAsked = this.#asked.has(id) && this.#count(({ serviceId }) => serviceId === id) === 0;
    return Math.max(room, isAsked ? 1 : 0);
  }

  #move(
    context: PlanContext,
    turn: Turn,
    scheduler: Scheduler,
    service: Service,
    most: number,
  ): void {
    if (turn.touches(service) || this.#isAboutToChange(turn, service)) {
      return this.#lookBy(context.now);
    }
    const tasks = new Set(movableTasks(context, service));
    for (let moves = 0; moves < most; moves += 1) {
      const move = scheduler.findMove([...tasks], this);
      if (move === null) return this.#settled(turn, service);
      if (!this.#isThere(move.nodeId, context.now)) return;
      const begun = beginMove(context, service, move.task, move.nodeId);
      if (!turn.offer(begun.transaction)) return this.#lookBy(context.now);
      scheduler.count(context, move);
      tasks.delete(move.task);
      this.#noteMove(begun.task, context.now);
    }
  }

  /** Where its tasks are is not where they will be once this entry is applied. */
  #isAboutToChange(turn: Turn, { id }: Service): boolean {
    return [...this.#view.tasksOfService(id).values()].some((task) => turn.touches(task));
  }

  /** There is nothing to gain any more for the service: what the user asked for is done. */
  #settled(turn: Turn, service: Service): void {
    const isMoving = this.#count(({ serviceId }) => serviceId === service.id) > 0;
    if (!this.#asked.has(service.id) || isMoving || isUpdating(service.updateStatus)) return;
    const object = changedService(service, { rebalanceRequestedAt: null });
    turn.offer(transaction("orchestrator", [updateOf(object)]));
  }

  /** A node that comes and goes is given nothing to lose. */
  #isThere(node: string, now: Timestamp): boolean {
    const since = this.#readySince.get(node);
    if (since === undefined) return false;
    if (after(since, window) > now) this.#lookBy(after(since, window));
    return after(since, window) <= now;
  }

  #noteTask(id: string, previous: Task | null, current: Task | null): void {
    const isServing =
      current !== null && isWanted(current.desiredState) && !isTerminal(current.status.state);
    const isNew = previous === null;
    if (isNew && isServing && current.isMove) this.#noteMove(current, current.meta.createdAt);
    if (isServing) return;
    for (const [move, { predecessor }] of this.#inFlight) {
      if (move !== id && predecessor !== id) continue;
      this.#inFlight.delete(move);
      this.#lookBy(this.#view.time);
    }
  }

  #noteMove({ id, replaces, serviceId }: Task, begunAt: Timestamp): void {
    this.#recent.set(id, begunAt);
    const from = this.#view.tasks.get(replaces ?? "");
    if (from === undefined || !isWanted(from.desiredState) || from.nodeId === null) return;
    this.#inFlight.set(id, { serviceId, predecessor: from.id, from: from.nodeId });
  }

  #noteNode(id: string, current: Node | null): void {
    if (current === null || !takesTasks(current)) this.#readySince.delete(id);
    else if (!this.#readySince.has(id)) this.#readySince.set(id, this.#view.time);
    this.#lookBy(this.#view.time);
  }

  #noteService(id: string, current: Service | null): void {
    const isAsked = current !== null && current.rebalanceRequestedAt !== null;
    if (isAsked) this.#asked.add(id);
    else this.#asked.delete(id);
    this.#lookBy(this.#view.time);
  }

  #lookBy(moment: Timestamp): void {
    this.#wakeAt = earlier(this.#wakeAt, moment > this.#restsUntil ? moment : this.#restsUntil);
  }

  /** Moves that the limit no longer counts; when the next one will be, there may be room. */
  #forgetBefore(now: Timestamp): void {
    for (const [id, begunAt] of this.#recent) {
      if (after(begunAt, window) > now) return this.#lookBy(after(begunAt, window));
      this.#recent.delete(id);
    }
  }

  #count(matches: (move: MoveInFlight) => boolean): number {
    let count = 0;
    for (const move of this.#inFlight.values()) if (matches(move)) count += 1;
    return count;
  }
}
