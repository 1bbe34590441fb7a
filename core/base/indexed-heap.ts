/** An item that knows its place, so that it can be taken out of the middle; -1: in no heap. */
export interface Positioned {
  position: number;
}

/** A binary heap of items that can be removed at any time. Ties are for `precedes` to break. */
export class IndexedHeap<T extends Positioned> {
  readonly #items: T[] = [];
  readonly #precedes: (left: T, right: T) => boolean;

  constructor(precedes: (left: T, right: T) => boolean) {
    this.#precedes = precedes;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  /** Takes out an item of this heap. */
  remove(item: T): void {
    const at = item.position;
    const last = this.#items.pop() as T;
    item.position = -1;
    if (last === item) return;
    last.position = at;
    this.moved(last);
  }

  /** An item of this heap has another rank than when it was placed. */
  moved(item: T): void {
    const at = item.position;
    this.#rise(item, at);
    if (item.position === at) this.#sink(item, at);
  }

  /** The best items in order, at most `count` of them, without taking any out. */
  first(count: number): T[] {
    const found: T[] = [];
    const next: T[] = this.#items.slice(0, 1);
    while (next.length > 0 && found.length < count) {
      const best = next.reduce((left, right) => (this.#precedes(right, left) ? right : left));
      found.push(best);
      next.splice(next.indexOf(best), 1);
      const child = best.position * 2 + 1;
      next.push(...this.#items.slice(child, child + 2));
    }
    return found;
  }

  #rise(item: T, from: number): void {
    let at = from;
    while (at > 0) {
      const above = this.#items[(at - 1) >> 1] as T;
      if (!this.#precedes(item, above)) break;
      this.#place(above, at);
      at = (at - 1) >> 1;
    }
    this.#place(item, at);
  }

  #sink(item: T, from: number): void {
    const items = this.#items;
    let at = from;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= items.length) break;
      const right = items[child + 1];
      if (right !== undefined && this.#precedes(right, items[child] as T)) child += 1;
      const below = items[child] as T;
      if (!this.#precedes(below, item)) break;
      this.#place(below, at);
      at = child;
    }
    this.#place(item, at);
  }

  #place(item: T, at: number): void {
    this.#items[at] = item;
    item.position = at;
  }
}
