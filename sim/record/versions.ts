import type { Kept } from "./moments.ts";

/** One value that changes over a run: what it was after each event. */
export class Versions<T> {
  /** Events after which the value changed, ascending; `values` has the values. */
  readonly #events: number[] = [];
  readonly #values: T[] = [];

  /** The newest value; undefined before the first. */
  get newest(): T | undefined {
    return this.#values[this.#values.length - 1];
  }

  /** From `event` on, which is no earlier than the last change, the value is this one. */
  put(event: number, value: T): void {
    const last = this.#events.length - 1;
    if (this.#events[last] === event) this.#values[last] = value;
    else {
      this.#events.push(event);
      this.#values.push(value);
    }
  }

  /** The value after `event`; undefined when there was none yet. */
  at(event: number): T | undefined {
    if ((this.#events[this.#events.length - 1] ?? Infinity) <= event) return this.newest;
    return this.#values[upTo(this.#events, event) - 1];
  }

  /** All values so far; those that were forgotten are not among them. */
  get values(): readonly T[] {
    return this.#values;
  }

  /** Forgets what is to be seen at none of the kept moments. How many are left from before them. */
  thin({ from, every }: Kept): number {
    let left = 0;
    let older = 0;
    for (const [at, since] of this.#events.entries()) {
      const until = this.#events[at + 1] ?? Number.POSITIVE_INFINITY;
      if (until <= from && Math.ceil(since / every) * every >= until) continue;
      this.#events[left] = since;
      this.#values[left] = this.#values[at] as T;
      left += 1;
      if (since < from) older += 1;
    }
    this.#events.length = left;
    this.#values.length = left;
    return older;
  }
}

/** How many of the ascending numbers are `most` or less. */
export function upTo(ascending: readonly number[], most: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) <= most) low = middle + 1;
    else high = middle;
  }
  return low;
}
