import { Heap } from "../base/heap.ts";
import { sortedText } from "../base/order.ts";
import type { Planted } from "../base/planted.ts";
import type { Timestamp } from "../base/time.ts";
import type { Node } from "../model/node.ts";
import { isOnEveryNode, type Service } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import { isWanted, TaskState } from "../model/task-state.ts";
import { earlier } from "../plan/plan.ts";
import type { StoreEvent } from "../store/event.ts";
import type { StoreView } from "../store/view.ts";

/**
 * What the planners have yet to look at: each store event adds the few things that it concerns,
 * so the cost of planning follows the change and not the cluster.
 */
export class Backlog {
  readonly services = new Set<string>();
  /** Tasks that wait for the allocator. */
  readonly newTasks = new Set<string>();
  /** Services for which no port was free: another must give one up first. */
  readonly withoutPorts = new Set<string>();
  /** Nodes that are down: their tasks are given up in the end. */
  readonly downNodes = new Set<string>();
  /** When the tasks of a node are given up, at the earliest; null: not before something changes. */
  orphanAt: Timestamp | null = null;
  /** Services that have not been started yet, because they wait for others. */
  readonly #waiting = new Set<string>();
  readonly #view: StoreView;
  readonly #planted: Planted;
  /** Services with a slot on every node. */
  readonly #onEveryNode = new Set<string>();
  readonly #wakes = new Heap<{ time: Timestamp; sequence: number; service: string }>();
  readonly #wakeAt = new Map<string, Timestamp>();
  #wakeSequence = 0;

  /** Starts with everything: a new leader takes nothing for granted. */
  constructor(view: StoreView, planted: Planted) {
    this.#view = view;
    this.#planted = planted;
    for (const service of view.services.values()) this.#noteService(null, service);
    for (const node of view.nodes.values()) this.#noteDown(node);
    for (const task of view.tasks.values()) this.#noteTask(null, task);
  }

  note(events: readonly StoreEvent[]): void {
    for (const { previous, current } of events) {
      const object = current ?? previous;
      if (object?.kind === "service")
        this.#noteService(previous as Service | null, current as Service | null);
      else if (object?.kind === "task")
        this.#noteTask(previous as Task | null, current as Task | null);
      else if (object?.kind === "node")
        this.#noteNode(previous as Node | null, current as Node | null);
      else if (object?.kind === "cluster") this.#noteCluster();
    }
  }

  /** The services to reconcile, in an order that does not depend on history. */
  takeServices(now: Timestamp): string[] {
    for (let top = this.#wakes.peek(); top !== undefined && top.time <= now; ) {
      this.#wakes.pop();
      if (this.#wakeAt.get(top.service) === top.time) {
        this.#wakeAt.delete(top.service);
        this.services.add(top.service);
      }
      top = this.#wakes.peek();
    }
    const services = sortedText(this.services);
    this.services.clear();
    return services;
  }

  /** The service is to be looked at again at `wakeAt`; null cancels. */
  wake(service: string, wakeAt: Timestamp | null): void {
    if (wakeAt === null) this.#wakeAt.delete(service);
    else if (this.#wakeAt.get(service) !== wakeAt) {
      this.#wakeAt.set(service, wakeAt);
      this.#wakeSequence += 1;
      this.#wakes.push({ time: wakeAt, sequence: this.#wakeSequence, service });
    }
  }

  /** No service must be looked at before this moment; null when none must. */
  get nextWake(): Timestamp | null {
    return earlier(this.#wakes.peek()?.time ?? null, this.orphanAt);
  }

  /** True when a planner has something to look at. */
  hasWork(now: Timestamp): boolean {
    if (this.services.size > 0 || this.newTasks.size > 0) return true;
    const wakeAt = this.nextWake;
    return wakeAt !== null && wakeAt <= now;
  }

  #noteService(previous: Service | null, current: Service | null): void {
    const { id, waitsFor, spec } = (current ?? previous) as Service;
    toggle(this.#waiting, id, current !== null && waitsFor.length > 0);
    toggle(this.#onEveryNode, id, current !== null && isOnEveryNode(spec));
    this.#addService(id);
    if (previous !== null && previous.ports !== current?.ports) this.#notePorts(previous);
  }

  /** Its tasks may have waited for its ports, and other services for those that it gave up. */
  #notePorts(service: Service): void {
    for (const task of this.#view.tasksOfService(service.id).values()) this.#noteTask(task, task);
    for (const id of this.withoutPorts) this.services.add(id);
    this.withoutPorts.clear();
  }

  #noteTask(previous: Task | null, current: Task | null): void {
    const task = (current ?? previous) as Task;
    if (concernsOrchestrator(previous, current)) this.#addService(task.serviceId);
    const state = current !== null && isWanted(current.desiredState) ? current.status.state : null;
    toggle(this.newTasks, task.id, state === TaskState.NEW);
  }

  #noteNode(previous: Node | null, current: Node | null): void {
    const id = (current ?? previous)?.id as string;
    this.#noteDown((current ?? previous) as Node, current === null);
    for (const task of this.#view.tasksOnNode(id).values()) this.#addService(task.serviceId);
    if (this.#planted === "S10") return;
    for (const service of this.#onEveryNode) this.#addService(service);
  }

  #noteDown({ id, status }: Node, isGone = false): void {
    const isDown = !isGone && status.downSince !== null;
    if (isDown) this.orphanAt = this.#view.time;
    toggle(this.downNodes, id, isDown);
  }

  /** The limit on the history and the patience with nodes that are down may be others now. */
  #noteCluster(): void {
    for (const id of this.#view.services.keys()) this.services.add(id);
    this.orphanAt = this.#view.time;
  }

  /** What happens to a service is also looked at by those that wait for it. */
  #addService(id: string): void {
    this.services.add(id);
    if (this.#waiting.size === 0) return;
    const name = this.#view.services.get(id)?.spec.name;
    for (const waiting of this.#waiting) {
      const depends = this.#view.services.get(waiting)?.spec.dependsOn ?? [];
      if (name !== undefined && depends.includes(name)) this.services.add(waiting);
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
