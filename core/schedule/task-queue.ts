import { IndexedHeap, type Positioned } from "../base/indexed-heap.ts";
import type { Task } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";

interface Waiting extends Positioned {
  readonly task: Task;
}

/** True when the task waits for the scheduler. */
export function isPending(task: Task): boolean {
  return task.status.state === TaskState.PENDING && task.desiredState <= TaskState.COMPLETE;
}

/**
 * The tasks that wait for a node: those to be tried, in order, and those that fitted nowhere, which
 * are tried again once something has changed in their favour.
 *
 * The order is ours but for the first rule: tasks that were created for a node, then the highest
 * priority, then the oldest, then the lowest id. SwarmKit has a map's random order.
 */
export class TaskQueue {
  readonly #toTry = new IndexedHeap<Waiting>(precedes);
  readonly #waiting = new Map<string, Waiting>();
  readonly #stuck = new Set<Waiting>();

  /** True when there is something to try. */
  get hasWork(): boolean {
    return this.#toTry.size > 0;
  }

  note(id: string, current: Task | null): void {
    const known = this.#waiting.get(id);
    const waits = current !== null && isPending(current);
    if (known === undefined && waits) this.#add({ task: current, position: -1 });
    else if (known !== undefined && !waits) this.#drop(known);
  }

  /** The id of the next task to try. It is taken out. */
  take(): string | null {
    const next = this.#toTry.peek();
    if (next === undefined) return null;
    this.#drop(next);
    return next.task.id;
  }

  /** The task, which was taken, is to be tried again in the next turn. */
  putBack(task: Task): void {
    this.#add({ task, position: -1 });
  }

  /** The task, which was taken, fits nowhere for now. */
  setAside(task: Task): void {
    const waiting: Waiting = { task, position: -1 };
    this.#waiting.set(task.id, waiting);
    this.#stuck.add(waiting);
  }

  /** Something has changed: what fitted nowhere may fit now. */
  tryAgain(): void {
    for (const waiting of this.#stuck) this.#toTry.push(waiting);
    this.#stuck.clear();
  }

  #add(waiting: Waiting): void {
    this.#waiting.set(waiting.task.id, waiting);
    this.#toTry.push(waiting);
  }

  #drop(waiting: Waiting): void {
    this.#waiting.delete(waiting.task.id);
    if (!this.#stuck.delete(waiting)) this.#toTry.remove(waiting);
  }
}

function precedes({ task: left }: Waiting, { task: right }: Waiting): boolean {
  if ((left.nodeId === null) !== (right.nodeId === null)) return left.nodeId !== null;
  if (left.spec.priority !== right.spec.priority) return left.spec.priority > right.spec.priority;
  if (left.meta.createdAt !== right.meta.createdAt) {
    return left.meta.createdAt < right.meta.createdAt;
  }
  return left.id < right.id;
}
