import { IdQueue } from "../base/id-queue.ts";
import { sortedText } from "../base/order.ts";
import type { Planted } from "../base/planted.ts";
import type { Timestamp } from "../base/time.ts";
import type { Node, NodeStatus } from "../model/node.ts";
import { isOnEveryNode, type Service } from "../model/service.ts";
import { type SlotKey, slotOf, type Task } from "../model/task.ts";
import { isWanted, TaskState } from "../model/task-state.ts";
import type { Volume } from "../model/volume.ts";
import type { Reconciled } from "../orchestrate/reconciled.ts";
import { earlier } from "../plan/plan.ts";
import { mountsDrainedVolume } from "../store/cluster-volumes.ts";
import type { StoreEvent } from "../store/event.ts";
import type { StoreView } from "../store/view.ts";
import { Wakes } from "./wakes.ts";

/** What is to be looked at of one service. */
export interface Due {
  readonly service: string;
  /** Null: all of it. */
  readonly slots: Iterable<SlotKey> | null;
}

/**
 * What the planners have yet to look at: each store event adds the few things that it concerns,
 * so the cost of planning follows the change and not the cluster. What happens to a task concerns
 * its slot; where the service has to be looked at as a whole, it is.
 */
export class Backlog {
  /** Tasks that wait for the allocator. */
  readonly newTasks = new IdQueue<null>();
  /** Services for which no port was free: another must give one up first. */
  readonly withoutPorts = new Set<string>();
  /** Nodes that are down: their tasks are given up in the end. */
  readonly downNodes = new Set<string>();
  /** When the tasks of a node are given up, at the earliest; null: not before something changes. */
  orphanAt: Timestamp | null = null;
  /** By service; null: all of it. */
  readonly #due = new Map<string, Set<SlotKey> | null>();
  /** Services whose slots need only be looked at one by one, until they change themselves. */
  readonly #bySlot = new Set<string>();
  /** Services that have not been started yet, because they wait for others. */
  readonly #waiting = new Set<string>();
  readonly #view: StoreView;
  readonly #planted: Planted;
  /** Services with a slot on every node. */
  readonly #onEveryNode = new Set<string>();
  readonly #wakes = new Wakes();

  /** Starts with everything: a new leader takes nothing for granted. */
  constructor(view: StoreView, planted: Planted) {
    this.#view = view;
    this.#planted = planted;
    for (const service of view.services.values()) this.#noteService(null, service);
    for (const { id, status } of view.nodes.values()) this.#noteDown(id, status);
    for (const task of view.tasks.values()) this.#noteTask(null, task);
  }

  note(events: readonly StoreEvent[]): void {
    for (const { kind, id, previous, current } of events) {
      if (kind === "service") this.#noteService(previous, current);
      else if (kind === "task") this.#noteTask(previous, current);
      else if (kind === "node") this.#noteNode(id, current);
      else if (kind === "volume") this.#noteVolume(current);
      else if (kind === "cluster") this.#noteCluster();
    }
  }

  /** What to look at, in an order that does not depend on history. */
  take(now: Timestamp): Due[] {
    this.#wakes.takeDue(now, (service, slot) => {
      if (slot === null) this.#addService(service);
      else this.#addSlot(service, slot);
    });
    const due = sortedText(this.#due.keys()).map((service) => {
      const slots = this.#due.get(service) ?? null;
      return { service, slots: this.#bySlot.has(service) ? slots : null };
    });
    if (due.length > 0) this.#due.clear();
    return due;
  }

  /** There was no room for what it needs: it stays to be looked at. */
  putBack({ service, slots }: Due): void {
    if (slots === null) this.#addService(service);
    else for (const slot of slots) this.#addSlot(service, slot);
  }

  /** What follows from the look at the whole service. */
  lookedAtAll(service: string, { isBySlot, wakeAt, slotWakes }: Reconciled): void {
    toggle(this.#bySlot, service, isBySlot);
    this.#wakes.forget(service);
    this.#wakes.set(service, null, wakeAt);
    for (const { slot, at } of slotWakes) this.#wakes.set(service, slot, at);
  }

  /** What follows from the look at some of its slots. */
  lookedAt(service: string, slots: readonly SlotKey[], { slotWakes }: Reconciled): void {
    for (const slot of slots) this.#wakes.set(service, slot, null);
    for (const { slot, at } of slotWakes) this.#wakes.set(service, slot, at);
  }

  /** Nothing must be looked at before this moment; null when nothing must. */
  get nextWake(): Timestamp | null {
    return earlier(this.#wakes.next, this.orphanAt);
  }

  /** True when a planner has something to look at. */
  hasWork(now: Timestamp): boolean {
    if (this.#due.size > 0 || this.newTasks.size > 0) return true;
    const wakeAt = this.nextWake;
    return wakeAt !== null && wakeAt <= now;
  }

  #noteService(previous: Service | null, current: Service | null): void {
    const { id, waitsFor, spec } = (current ?? previous) as Service;
    toggle(this.#waiting, id, current !== null && waitsFor.length > 0);
    toggle(this.#onEveryNode, id, current !== null && isOnEveryNode(spec));
    this.#addService(id);
    this.#addDependents(id);
    if (previous !== null && previous.ports !== current?.ports) this.#notePorts(previous);
  }

  /** Its tasks may have waited for its ports, and other services for those that it gave up. */
  #notePorts(service: Service): void {
    for (const task of this.#view.tasksOfService(service.id).values()) this.#noteTask(task, task);
    for (const id of this.withoutPorts) this.#addService(id);
    this.withoutPorts.clear();
  }

  #noteTask(previous: Task | null, current: Task | null): void {
    const task = (current ?? previous) as Task;
    if (concernsOrchestrator(previous, current)) this.#addTask(task);
    if (current === null) this.#forgetIfGone(task.serviceId);
    const state = current !== null && isWanted(current.desiredState) ? current.status.state : null;
    if (state === TaskState.NEW) this.newTasks.set(task.id, null);
    else this.newTasks.delete(task.id);
  }

  /** With its last task, nothing is left of a service that was removed. */
  #forgetIfGone(id: string): void {
    if (this.#view.services.has(id) || this.#view.tasksOfService(id).size > 0) return;
    this.#bySlot.delete(id);
    this.#wakes.forget(id);
  }

  #noteNode(id: string, current: Node | null): void {
    this.#noteDown(id, current?.status ?? null);
    const held = this.#planted === "E01" ? [] : this.#view.tasksOnNode(id).values();
    for (const task of held) this.#addTask(task);
    if (this.#planted === "S10") return;
    for (const service of this.#onEveryNode) {
      this.#addSlot(service, id);
      this.#addDependents(service);
    }
  }

  /** Tasks that mount it are all on its node. */
  #noteVolume(current: Volume | null): void {
    if (current?.spec.availability !== "drain" || current.nodeId === null) return;
    if (this.#planted === "D05") return;
    for (const task of this.#view.tasksOnNode(current.nodeId).values()) {
      if (mountsDrainedVolume(this.#view, task)) this.#addTask(task);
    }
  }

  /** Null: the node is gone. */
  #noteDown(id: string, status: NodeStatus | null): void {
    const isDown = status !== null && status.downSince !== null;
    if (isDown) this.orphanAt = this.#view.time;
    toggle(this.downNodes, id, isDown);
  }

  /** The limit on the history and the patience with nodes that are down may be others now. */
  #noteCluster(): void {
    for (const id of this.#view.services.keys()) this.#addService(id);
    this.orphanAt = this.#view.time;
  }

  #addService(id: string): void {
    this.#due.set(id, null);
    this.#bySlot.delete(id);
  }

  #addTask(task: Task): void {
    this.#addSlot(task.serviceId, slotOf(task));
    this.#addDependents(task.serviceId);
  }

  #addSlot(service: string, slot: SlotKey): void {
    const slots = this.#due.get(service);
    if (slots === undefined) this.#due.set(service, new Set([slot]));
    else slots?.add(slot);
  }

  /** What happens to a service is also looked at by those that wait for it. */
  #addDependents(id: string): void {
    if (this.#waiting.size === 0) return;
    const name = this.#view.services.get(id)?.spec.name;
    for (const waiting of this.#waiting) {
      const depends = this.#view.services.get(waiting)?.spec.dependsOn ?? [];
      if (name !== undefined && depends.includes(name)) this.#addService(waiting);
    }
  }
}

/** The steps between ASSIGNED and RUNNING are the agent's own: nothing follows from them. */
function concernsOrchestrator(previous: Task | null, current: Task | null): boolean {
  if (previous === null || current === null) return true;
  if (previous.desiredState !== current.desiredState) return true;
  return current.status.state >= TaskState.RUNNING;
}

function toggle(set: Set<string>, id: string, present: boolean): void {
  if (present) set.add(id);
  else set.delete(id);
}
