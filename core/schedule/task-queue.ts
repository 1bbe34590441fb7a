import { IndexedHeap, type Positioned } from "../base/indexed-heap.ts";
import type { Task } from "../model/task.ts";
import { isWanted, TaskState } from "../model/task-state.ts";

interface Waiting extends Positioned {
  readonly task: Task;
  /** It no longer waits: lists that still hold it pass it over. */
  isGone: boolean;
}

/** True when the task waits for the scheduler. */
export function isPending(task: Task): boolean {
  return task.status.state === TaskState.PENDING && isWanted(task.desiredState);
}

/**
 * The tasks that wait for a node: those to be tried, in order, and those that fitted nowhere, which
 * are tried again once something has changed in their favour.
 *
 * The order is ours but for the second rule: the highest priority, then tasks that were created for
 * a node, then the oldest, then the lowest id. SwarmKit has a map's random order.
 */
export class TaskQueue {
  readonly #waiting = new Map<string, Waiting>();
  /** New ones, in no order yet. */
  #arrived: Waiting[] = [];
  /** In order, from `#head` on: most come one after the other, and need no heap. */
  #line: Waiting[] = [];
  #head = 0;
  /** Those that did not come in order. */
  readonly #others = new IndexedHeap<Waiting>(precedes);
  readonly #stuck = new Set<Waiting>();

  /** True when there may be something to try. */
  get hasWork(): boolean {
    return this.#others.size + this.#arrived.length + this.#line.length > this.#head;
  }

  note(id: string, current: Task | null): void {
    const known = this.#waiting.get(id);
    const waits = current !== null && isPending(current);
    if (known === undefined && waits) this.#arrived.push(this.#add(current));
    else if (known !== undefined && !waits) this.#drop(known);
  }

  /** The id of the next task to try. It is taken out. */
  take(): string | null {
    if (this.#arrived.length > 0) this.#lineUp();
    const first = this.#front();
    const other = this.#others.peek();
    const next = first && other && precedes(other, first) ? other : (first ?? other);
    if (next === undefined) return null;
    this.#drop(next);
    return next.task.id;
  }

  /** The task, which was taken, is to be tried again in the next turn. */
  putBack(task: Task): void {
    this.#others.push(this.#add(task));
  }

  /** The task, which was taken, fits nowhere for now. */
  setAside(task: Task): void {
    this.#stuck.add(this.#add(task));
  }

  /** The task, if it is one that fitted nowhere, is to be tried again. */
  retry(id: string): void {
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined && this.#stuck.delete(waiting)) this.#others.push(waiting);
  }

  /** Something has changed: what fitted nowhere may fit now. */
  tryAgain(): void {
    for (const waiting of this.#stuck) this.#others.push(waiting);
    this.#stuck.clear();
  }

  #add(task: Task): Waiting {
    const waiting: Waiting = { task, position: -1, isGone: false };
    this.#waiting.set(task.id, waiting);
    return waiting;
  }

  #drop(waiting: Waiting): void {
    waiting.isGone = true;
    this.#waiting.delete(waiting.task.id);
    if (waiting.position >= 0) this.#others.remove(waiting);
    else this.#stuck.delete(waiting);
  }

  #lineUp(): void {
    const arrived = this.#arrived.filter(({ isGone }) => !isGone);
    arrived.sort((left, right) => (precedes(left, right) ? -1 : 1));
    this.#arrived = [];
    if (this.#head * 2 > this.#line.length) {
      this.#line = this.#line.slice(this.#head);
      this.#head = 0;
    }
    for (const waiting of arrived) {
      const last = this.#line[this.#line.length - 1];
      if (last === undefined || precedes(last, waiting)) this.#line.push(waiting);
      else this.#others.push(waiting);
    }
  }

  /** The first of the line. Those before it have gone. */
  #front(): Waiting | undefined {
    while (this.#head < this.#line.length) {
      const first = this.#line[this.#head] as Waiting;
      if (!first.isGone) return first;
      this.#head += 1;
    }
    this.#line = [];
    this.#head = 0;
    return undefined;
  }
}

function precedes({ task: left }: Waiting, { task: right }: Waiting): boolean {
  if (left.spec.priority !== right.spec.priority) return left.spec.priority > right.spec.priority;
  if ((left.nodeId === null) !== (right.nodeId === null)) return left.nodeId !== null;
  if (left.meta.createdAt !== right.meta.createdAt) {
    return left.meta.createdAt < right.meta.createdAt;
  }
  return left.id < right.id;
}
