/** What a heap orders: the earliest time first, and of equal times the lowest sequence number. */
export interface Timed {
  readonly time: number;
  readonly sequence: number;
}

/**
 * A 4-ary heap: `push` and `pop` in O(log n), `peek` in O(1). Ties never depend on history.
 *
 * Times and sequence numbers are kept beside the items, in arrays of plain numbers: a comparison
 * then reads no object, which halves what a queue of events costs.
 */
export class Heap<T extends Timed> {
  readonly #items: T[] = [];
  #times = new Float64Array(64);
  #sequences = new Float64Array(64);

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    if (at >= this.#times.length) this.#grow();
    const times = this.#times;
    const sequences = this.#sequences;
    const { time, sequence } = item;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const above = times[parent] as number;
      if (above < time || (above === time && (sequences[parent] as number) < sequence)) break;
      items[at] = items[parent] as T;
      times[at] = above;
      sequences[at] = sequences[parent] as number;
      at = parent;
    }
    items[at] = item;
    times[at] = time;
    sequences[at] = sequence;
  }

  pop(): T | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (items.length > 0 && last !== undefined) this.#sink(last);
    return top;
  }

  /** Puts `item`, which was the last, in place of the first, and restores the order. */
  #sink(item: T): void {
    const items = this.#items;
    const times = this.#times;
    const sequences = this.#sequences;
    const { time, sequence } = item;
    const size = items.length;
    let at = 0;
    for (;;) {
      const first = at * 4 + 1;
      if (first >= size) break;
      let least = first;
      let leastTime = times[first] as number;
      const end = first + 4 < size ? first + 4 : size;
      for (let child = first + 1; child < end; child += 1) {
        const childTime = times[child] as number;
        if (childTime > leastTime) continue;
        const isTie = childTime === leastTime;
        if (isTie && (sequences[child] as number) > (sequences[least] as number)) continue;
        least = child;
        leastTime = childTime;
      }
      if (time < leastTime || (time === leastTime && sequence < (sequences[least] as number)))
        break;
      items[at] = items[least] as T;
      times[at] = leastTime;
      sequences[at] = sequences[least] as number;
      at = least;
    }
    items[at] = item;
    times[at] = time;
    sequences[at] = sequence;
  }

  #grow(): void {
    const [times, sequences] = [this.#times, this.#sequences];
    this.#times = new Float64Array(2 * times.length);
    this.#times.set(times);
    this.#sequences = new Float64Array(2 * sequences.length);
    this.#sequences.set(sequences);
  }
}
