import { IndexedHeap, type Positioned } from "../base/indexed-heap.ts";
import type { Task } from "../model/task.ts";
import { isWanted, TaskState } from "../model/task-state.ts";

/** A task that waits for a node. */
export interface WaitingTask extends Positioned {
  /** As it is stored. */
  task: Task;
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
 * The order is ours except for the second rule: the highest priority, then tasks that were created
 * for a node, then the oldest, then the lowest id. SwarmKit has a map's random order.
 */
export class TaskQueue {
  readonly #waiting = new Map<string, WaitingTask>();
  /** New ones, in no order yet. */
  #arrived: WaitingTask[] = [];
  /** In order, from `#head` on: most come one after the other, and need no heap. */
  #line: WaitingTask[] = [];
  #head = 0;
  /** Those that did not come in order. */
  readonly #others = new IndexedHeap<WaitingTask>(precedes);
  /** Those that were taken out and tried. */
  #tried: WaitingTask[] = [];
  readonly #stuck = new Set<WaitingTask>();

  /** True when there is something to try, now or in the next turn. */
  get hasWork(): boolean {
    return this.#waiting.size > this.#stuck.size;
  }

  note(id: string, current: Task | null): void {
    const known = this.#waiting.get(id);
    if (current === null || !isPending(current)) {
      if (known !== undefined) this.#drop(known);
    } else if (known !== undefined) known.task = current;
    else this.#arrived.push(this.#add(current));
  }

  /** Takes out the next one to try. Then comes `setTried` or `setAside`. */
  take(): WaitingTask | null {
    if (this.#arrived.length > 0) this.#lineUp();
    const first = this.#front();
    const other = this.#others.peek();
    if (other !== undefined && (first === undefined || precedes(other, first))) {
      this.#others.remove(other);
      return other;
    }
    if (first === undefined) return null;
    this.#head += 1;
    return first;
  }

  /** If it still waits when the next turn begins, it is tried again. */
  setTried(waiting: WaitingTask): void {
    this.#tried.push(waiting);
  }

  /** It fits nowhere for now. */
  setAside(waiting: WaitingTask): void {
    this.#stuck.add(waiting);
  }

  /** A turn begins. A placement that was not committed after all is tried anew. */
  beginTurn(): void {
    if (this.#tried.length === 0) return;
    for (const waiting of this.#tried) if (!waiting.isGone) this.#others.push(waiting);
    this.#tried = [];
  }

  /** The task, if it is one that fitted nowhere, is to be tried again. */
  retry(id: string): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined || !this.#stuck.delete(waiting)) return;
    this.#others.push(waiting);
  }

  /** Something has changed: what fitted nowhere may fit now. */
  tryAgain(): void {
    for (const waiting of this.#stuck) this.#others.push(waiting);
    this.#stuck.clear();
  }

  #add(task: Task): WaitingTask {
    const waiting: WaitingTask = { task, position: -1, isGone: false };
    this.#waiting.set(task.id, waiting);
    return waiting;
  }

  #drop(waiting: WaitingTask): void {
    waiting.isGone = true;
    this.#waiting.delete(waiting.task.id);
    if (waiting.position >= 0) this.#others.remove(waiting);
    this.#stuck.delete(waiting);
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
  #front(): WaitingTask | undefined {
    while (this.#head < this.#line.length) {
      const first = this.#line[this.#head] as WaitingTask;
      if (!first.isGone) return first;
      this.#head += 1;
    }
    this.#line = [];
    this.#head = 0;
    return undefined;
  }
}

function precedes({ task: left }: WaitingTask, { task: right }: WaitingTask): boolean {
  if (left.spec.priority !== right.spec.priority) return left.spec.priority > right.spec.priority;
  if ((left.nodeId === null) !== (right.nodeId === null)) return left.nodeId !== null;
  if (left.meta.createdAt !== right.meta.createdAt) {
    return left.meta.createdAt < right.meta.createdAt;
  }
  return left.id < right.id;
}
