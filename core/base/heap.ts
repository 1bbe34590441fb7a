/** What a heap orders: the earliest time first, and of equal times the lowest sequence number. */
export interface Timed {
  readonly time: number;
  readonly sequence: number;
}

/** A 4-ary heap: `push` and `pop` in O(log n), `peek` in O(1). Ties never depend on history. */
export class Heap<T extends Timed> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const above = items[parent] as T;
      if (!precedes(item, above)) break;
      items[at] = above;
      at = parent;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (items.length > 0 && last !== undefined) this.#sink(last);
    return top;
  }

  #sink(item: T): void {
    const items = this.#items;
    const size = items.length;
    let at = 0;
    for (;;) {
      const first = at * 4 + 1;
      if (first >= size) break;
      let least = first;
      const end = Math.min(first + 4, size);
      for (let child = first + 1; child < end; child += 1) {
        if (precedes(items[child] as T, items[least] as T)) least = child;
      }
      if (!precedes(items[least] as T, item)) break;
      items[at] = items[least] as T;
      at = least;
    }
    items[at] = item;
  }
}

function precedes(left: Timed, right: Timed): boolean {
  return left.time < right.time || (left.time === right.time && left.sequence < right.sequence);
}
