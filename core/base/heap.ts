/** What a heap orders: the earliest time first, and of equal times the lowest sequence number. */
export interface Timed {
  readonly time: number;
  readonly sequence: number;
}

/**
 * A 4-ary heap: `push` and `pop` in O(log n), `peek` in O(1). Ties never depend on history.
 *
 * An item stays in one slot while it waits. What is moved are plain numbers: its time, its sequence
 * number and its slot. So a comparison reads no object, and a move is nothing that the garbage
 * collector has to hear of.
 */
export class Heap<T extends Timed> {
  #size = 0;
  /** By slot. */
  readonly #items: (T | undefined)[] = [];
  #times = new Float64Array(0);
  #sequences = new Float64Array(0);
  /** The slots of what waits, in the heap's order; behind them those that are free. */
  #slots = new Uint32Array(0);

  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#items[this.#slots[0] as number];
  }

  push(item: T): void {
    const { time, sequence } = item;
    let at = this.#size;
    if (at === this.#slots.length) this.#grow();
    this.#size = at + 1;
    const times = this.#times;
    const sequences = this.#sequences;
    const slots = this.#slots;
    const slot = slots[at] as number;
    this.#items[slot] = item;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const above = times[parent] as number;
      if (above < time || (above === time && (sequences[parent] as number) < sequence)) break;
      times[at] = above;
      sequences[at] = sequences[parent] as number;
      slots[at] = slots[parent] as number;
      at = parent;
    }
    times[at] = time;
    sequences[at] = sequence;
    slots[at] = slot;
  }

  pop(): T | undefined {
    if (this.#size === 0) return undefined;
    const slots = this.#slots;
    const slot = slots[0] as number;
    const top = this.#items[slot];
    this.#items[slot] = undefined;
    const last = this.#size - 1;
    this.#size = last;
    this.#sink(last);
    slots[last] = slot;
    return top;
  }

  /** Puts what is at `last`, behind all others, in place of the first, and restores the order. */
  #sink(last: number): void {
    const times = this.#times;
    const sequences = this.#sequences;
    const slots = this.#slots;
    const time = times[last] as number;
    const sequence = sequences[last] as number;
    const slot = slots[last] as number;
    let at = 0;
    for (;;) {
      const first = at * 4 + 1;
      if (first >= last) break;
      let least = first;
      let leastTime = times[first] as number;
      const end = first + 4 < last ? first + 4 : last;
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
      times[at] = leastTime;
      sequences[at] = sequences[least] as number;
      slots[at] = slots[least] as number;
      at = least;
    }
    times[at] = time;
    sequences[at] = sequence;
    slots[at] = slot;
  }

  #grow(): void {
    const before = this.#size;
    const size = Math.max(64, 2 * before);
    const [times, sequences, slots] = [this.#times, this.#sequences, this.#slots];
    this.#times = new Float64Array(size);
    this.#times.set(times);
    this.#sequences = new Float64Array(size);
    this.#sequences.set(sequences);
    this.#slots = new Uint32Array(size);
    this.#slots.set(slots);
    for (let slot = before; slot < size; slot += 1) {
      this.#slots[slot] = slot;
      this.#items.push(undefined);
    }
  }
}
