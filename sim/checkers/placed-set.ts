const bitsPerWord = 16;
const full = 0xffff;

/**
 * A set of the ids below `size`, with a short text that names it. It is made for ids that are added
 * nearly in their order: the set is told by where its gaps begin.
 */
export class PlacedSet {
  readonly #words: Uint16Array;
  /** Words before this one are full: `firstGap <= end`. */
  #firstGap = 0;
  /** Words from this one on are empty. */
  #end = 0;

  constructor(size: number) {
    this.#words = new Uint16Array(Math.floor(size / bitsPerWord) + 1);
  }

  add(id: number): void {
    const words = this.#words;
    const at = Math.floor(id / bitsPerWord);
    words[at] = (words[at] as number) | (1 << (id % bitsPerWord));
    this.#end = Math.max(this.#end, at + 1);
    while (words[this.#firstGap] === full) this.#firstGap += 1;
  }

  delete(id: number): void {
    const words = this.#words;
    const at = Math.floor(id / bitsPerWord);
    words[at] = (words[at] as number) & ~(1 << (id % bitsPerWord));
    this.#firstGap = Math.min(this.#firstGap, at);
    while (this.#end > this.#firstGap && words[this.#end - 1] === 0) this.#end -= 1;
  }

  /** Equal for equal sets only, among those of one size. */
  key(): string {
    const gaps = this.#words.subarray(this.#firstGap, this.#end);
    return `${this.#firstGap} ${String.fromCharCode(...gaps)}`;
  }

  /** The set as it is now. */
  copy(): Uint16Array {
    return this.#words.slice(0, this.#end);
  }

  /** Whether this has all that `copy`, taken from a set of the same size, had. */
  contains(copy: Uint16Array): boolean {
    return copy.every((word, at) => ((this.#words[at] as number) & word) === word);
  }
}
