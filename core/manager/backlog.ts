import { Heap } from "../base/heap.ts";
import { sortedText } from "../base/order.ts";
import type { Timestamp } from "../base/time.ts";
import type { Node } from "../model/node.ts";
import type { Task } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";
import type { StoreEvent } from "../store/event.ts";
import type { StoreView } from "../store/view.ts";

/**
 * What the planners have yet to look at: each store event adds the few things that it concerns,
 * so the cost of planning follows the change and not the cluster.
 */
export class Backlog {
  readonly services = new Set<string>();
  readonly newTasks = new Set<string>();
  readonly #view: StoreView;
  readonly #wakes = new Heap<{ time: Timestamp; sequence: number; service: string }>();
  readonly #wakeAt = new Map<string, Timestamp>();
  #wakeSequence = 0;

  /** Starts with everything: a new leader takes nothing for granted. */
  constructor(view: StoreView) {
    this.#view = view;
    for (const id of view.services.keys()) this.services.add(id);
    for (const task of view.tasks.values()) this.#noteTask(null, task);
  }

  note(events: readonly StoreEvent[]): void {
    for (const { previous, current } of events) {
      const object = current ?? previous;
      if (object?.kind === "service") this.services.add(object.id);
      else if (object?.kind === "task")
        this.#noteTask(previous as Task | null, current as Task | null);
      else if (object?.kind === "node")
        this.#noteNode(previous as Node | null, current as Node | null);
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
    return this.#wakes.peek()?.time ?? null;
  }

  /** True when a planner has something to look at. */
  hasWork(now: Timestamp): boolean {
    if (this.services.size > 0 || this.newTasks.size > 0) return true;
    const wakeAt = this.nextWake;
    return wakeAt !== null && wakeAt <= now;
  }

  #noteTask(previous: Task | null, current: Task | null): void {
    const task = (current ?? previous) as Task;
    if (concernsOrchestrator(previous, current)) this.services.add(task.serviceId);
    const isWanted = current !== null && current.desiredState <= TaskState.RUNNING;
    const state = isWanted ? current.status.state : null;
    toggle(this.newTasks, task.id, state === TaskState.NEW);
  }

  #noteNode(previous: Node | null, current: Node | null): void {
    const id = (current ?? previous)?.id as string;
    for (const task of this.#view.tasksOnNode(id).values()) this.services.add(task.serviceId);
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
