import { IndexedHeap, type Positioned } from "./indexed-heap.ts";

interface Waiting<T> extends Positioned {
  readonly id: string;
  value: T;
}

/**
 * What waits to be dealt with, the lowest id first, whenever it came. To work off a few costs what
 * those few are, however many wait.
 */
export class IdQueue<T> {
  readonly #waiting = new Map<string, Waiting<T>>();
  readonly #order = new IndexedHeap<Waiting<T>>((left, right) => left.id < right.id);

  get size(): number {
    return this.#waiting.size;
  }

  get(id: string): T | undefined {
    return this.#waiting.get(id)?.value;
  }

  set(id: string, value: T): void {
    const known = this.#waiting.get(id);
    if (known !== undefined) known.value = value;
    else this.#add({ id, value, position: -1 });
  }

  delete(id: string): void {
    const known = this.#waiting.get(id);
    if (known === undefined) return;
    this.#waiting.delete(id);
    this.#order.remove(known);
  }

  /** Shows each to `take`, until `isFull`. Those that it answers with false stay. */
  workOff(isFull: () => boolean, take: (id: string, value: T) => boolean): void {
    const left: Waiting<T>[] = [];
    for (let next = this.#order.peek(); next !== undefined && !isFull(); ) {
      this.delete(next.id);
      if (!take(next.id, next.value)) left.push(next);
      next = this.#order.peek();
    }
    for (const each of left) this.#add(each);
  }

  #add(waiting: Waiting<T>): void {
    this.#waiting.set(waiting.id, waiting);
    this.#order.push(waiting);
  }
}
