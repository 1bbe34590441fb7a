import { assert } from "./assert.ts";

/** Four 32-bit words that start a `Random`. */
export type RandomSeed = readonly [number, number, number, number];

/**
 * Stands between a stream and whoever draws from it: told of each word, it answers with the word
 * that is drawn. So a run's choices are recorded, and others put in their place.
 */
export type Tap = (word: number) => number;

/**
 * A small fast counting generator (sfc32 of PractRand, by Chris Doty-Humphrey): 32-bit integer
 * arithmetic only, so every engine draws the same numbers.
 *
 * One stream a concern: `split` derives an independent stream by name, so that one more draw in
 * one concern does not shift another.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;
  #draws = 0;
  #tap: Tap | null = null;

  /** `tap` hears of every word of this stream, and of those split from it. */
  constructor(seed: RandomSeed, tap: Tap | null = null) {
    this.#a = seed[0] | 0;
    this.#b = seed[1] | 0;
    this.#c = seed[2] | 0;
    this.#counter = seed[3] | 0;
    for (let warmUp = 0; warmUp < 12; warmUp += 1) this.u32();
    this.#draws = 0;
    this.#tap = tap;
  }

  /** How many words were drawn so far: part of a run's digest. */
  get draws(): number {
    return this.#draws;
  }

  /** A whole number, `0 <= n < 2^32`. */
  u32(): number {
    this.#draws += 1;
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return this.#tap === null ? sum >>> 0 : this.#tap(sum >>> 0);
  }

  /** A whole number, `0 <= n < bound`; `0 < bound <= 2^32`. The bias is below `bound / 2^32`. */
  below(bound: number): number {
    assert(Number.isInteger(bound) && bound > 0, "a draw has a positive bound");
    assert(bound <= 0x1_0000_0000, "a draw is bounded by one word");
    return Math.floor((this.u32() / 0x1_0000_0000) * bound);
  }

  /** A whole number, `min <= n <= max`. */
  between(min: number, max: number): number {
    assert(min <= max, "a range ascends");
    return min === max ? min : min + this.below(max - min + 1);
  }

  /** True in `perMillion` of a million draws. Nothing is drawn for what never or always happens. */
  chance(perMillion: number): boolean {
    if (perMillion <= 0) return false;
    if (perMillion >= 1_000_000) return true;
    return this.below(1_000_000) < perMillion;
  }

  /** One element of a list that has at least one. */
  pick<T>(items: readonly T[]): T {
    assert(items.length > 0, "there is something to pick from");
    return items[this.below(items.length)] as T;
  }

  /** A new list with the same elements, each order equally likely (Fisher-Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let last = shuffled.length - 1; last > 0; last -= 1) {
      const other = this.below(last + 1);
      const held = shuffled[last] as T;
      shuffled[last] = shuffled[other] as T;
      shuffled[other] = held;
    }
    return shuffled;
  }

  /** An independent stream for the concern `name`. Draws from this one. */
  split(name: string): Random {
    let word = 0x811c9dc5;
    for (let at = 0; at < name.length; at += 1) {
      word = Math.imul(word ^ name.charCodeAt(at), 0x01000193);
    }
    const seed: RandomSeed = [
      this.u32() ^ word,
      this.u32(),
      this.u32() ^ Math.imul(word, 31),
      this.u32(),
    ];
    return new Random(seed, this.#tap);
  }
}
