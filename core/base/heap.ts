/** What a heap orders: the earliest time first, and of equal times the lowest sequence number. */
export interface Timed {
  readonly time: number;
  readonly sequence: number;
}

/**
 * A 4-ary heap: `push`, `pop` and `moved` in O(log n), `peek` in O(1). Ties do not depend on
 * history.
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
  /** By slot: where in that order it is. */
  #places = new Uint32Array(0);

  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#items[this.#slots[0] as number];
  }

  /** Returns the item's slot. */
  push(item: T): number {
    const at = this.#size;
    if (at === this.#slots.length) this.#grow();
    this.#size = at + 1;
    const slot = this.#slots[at] as number;
    this.#items[slot] = item;
    this.#rise(at, item.time, item.sequence, slot);
    return slot;
  }

  pop(): T | undefined {
    if (this.#size === 0) return undefined;
    const slots = this.#slots;
    const slot = slots[0] as number;
    const top = this.#items[slot];
    this.#items[slot] = undefined;
    const last = this.#size - 1;
    this.#size = last;
    const moved = slots[last] as number;
    this.#sink(0, this.#times[last] as number, this.#sequences[last] as number, moved);
    slots[last] = slot;
    return top;
  }

  /** What waits in the slot. */
  at(slot: number): T {
    return this.#items[slot] as T;
  }

  /** What waits in the slot has another rank from now on: its own, as it has been changed. */
  moved(slot: number): void {
    const { time, sequence } = this.#items[slot] as T;
    const at = this.#places[slot] as number;
    const before = this.#times[at] as number;
    const isLater =
      time > before || (time === before && sequence > (this.#sequences[at] as number));
    if (isLater) this.#sink(at, time, sequence, slot);
    else this.#rise(at, time, sequence, slot);
  }

  /** Puts what has this rank at `from`, or further up. */
  #rise(from: number, time: number, sequence: number, slot: number): void {
    const times = this.#times;
    const sequences = this.#sequences;
    const slots = this.#slots;
    const places = this.#places;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const above = times[parent] as number;
      if (above < time || (above === time && (sequences[parent] as number) < sequence)) break;
      const moved = slots[parent] as number;
      times[at] = above;
      sequences[at] = sequences[parent] as number;
      slots[at] = moved;
      places[moved] = at;
      at = parent;
    }
    times[at] = time;
    sequences[at] = sequence;
    slots[at] = slot;
    places[slot] = at;
  }

  /** Puts what has this rank at `from`, or further down. */
  #sink(from: number, time: number, sequence: number, slot: number): void {
    const size = this.#size;
    const times = this.#times;
    const sequences = this.#sequences;
    const slots = this.#slots;
    const places = this.#places;
    let at = from;
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
      const moved = slots[least] as number;
      times[at] = leastTime;
      sequences[at] = sequences[least] as number;
      slots[at] = moved;
      places[moved] = at;
      at = least;
    }
    times[at] = time;
    sequences[at] = sequence;
    slots[at] = slot;
    places[slot] = at;
  }

  #grow(): void {
    const before = this.#size;
    const size = Math.max(64, 2 * before);
    const [times, sequences] = [this.#times, this.#sequences];
    const [slots, places] = [this.#slots, this.#places];
    this.#times = new Float64Array(size);
    this.#times.set(times);
    this.#sequences = new Float64Array(size);
    this.#sequences.set(sequences);
    this.#slots = new Uint32Array(size);
    this.#slots.set(slots);
    this.#places = new Uint32Array(size);
    this.#places.set(places);
    for (let slot = before; slot < size; slot += 1) {
      this.#slots[slot] = slot;
      this.#items.push(undefined);
    }
  }
}
