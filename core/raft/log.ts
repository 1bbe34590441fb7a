import { assert } from "../base/assert.ts";
import type { Entry, Snapshot } from "./message.ts";

/** A place in the log. `term` 0 means that the term there is not known. */
export interface Position {
  readonly index: number;
  readonly term: number;
}

/**
 * The log of one member, and how far it has come.
 *
 * Model: entries `firstIndex .. lastIndex` in memory; the entry just before them, the base, is
 * known by its index and term only. Four marks move along the log:
 *
 *   applied <= commit <= lastIndex, applied <= stable <= lastIndex, stable < unsaved
 *
 * 1. A conflict with the leader cuts the tail off: `stable` and `unsaved` fall back with it.
 * 2. While a received snapshot is being written, `applied` is behind the base (`restoring`).
 *
 * Terms never decrease along a log, so a search by term is a binary search.
 */
export class Log {
  /** Highest index known to be committed. */
  commit: number;
  /** Highest index handed to the state machine. */
  applied: number;
  /** Highest index that this member's disk has acknowledged, in the log as it is now. */
  stable: number;
  /** First index that no write holds yet: `lastIndex + 1` when all are handed out. */
  unsaved: number;

  #entries: Entry[] = [];
  /** How many elements of `#entries`, from its front, are compacted away. */
  #dropped = 0;
  #baseIndex: number;
  #baseTerm: number;

  /** A log that ends at `base`. */
  constructor(base: Position) {
    this.#baseIndex = base.index;
    this.#baseTerm = base.term;
    this.commit = base.index;
    this.applied = base.index;
    this.stable = base.index;
    this.unsaved = base.index + 1;
  }

  get baseIndex(): number {
    return this.#baseIndex;
  }

  get firstIndex(): number {
    return this.#baseIndex + 1;
  }

  get lastIndex(): number {
    return this.#baseIndex + this.#entries.length - this.#dropped;
  }

  get lastTerm(): number {
    return this.termAt(this.lastIndex);
  }

  /** A received snapshot is not durable yet: nothing may be applied before it is. */
  get restoring(): boolean {
    return this.applied < this.#baseIndex;
  }

  /** The term at `index`; 0 where the log does not reach, and at index 0. */
  termAt(index: number): number {
    if (index === this.#baseIndex) return this.#baseTerm;
    return this.entryAt(index)?.term ?? 0;
  }

  /** The entry at `index`, or null where the log holds none. */
  entryAt(index: number): Entry | null {
    if (index <= this.#baseIndex) return null;
    return this.#entries[index - this.#baseIndex - 1 + this.#dropped] ?? null;
  }

  /** Whether the log holds the entry (`index`, `term`): then all before it agrees as well. */
  matches(index: number, term: number): boolean {
    if (index < this.#baseIndex || index > this.lastIndex) return false;
    return this.termAt(index) === term;
  }

  /** Whether a log that ends at (`index`, `term`) is no older than this one (thesis 3.6.1). */
  isUpToDate(index: number, term: number): boolean {
    const lastTerm = this.lastTerm;
    return term > lastTerm || (term === lastTerm && index >= this.lastIndex);
  }

  /**
   * The last position at or before `index` whose term is at most `term`. Where that lies before
   * the base its term is unknown (0).
   */
  lastWithTermAtMost(index: number, term: number): Position {
    let low = this.#baseIndex;
    let high = Math.min(index, this.lastIndex);
    if (high < low) return { index: high, term: 0 };
    if (this.#baseTerm > term) return { index: Math.max(0, low - 1), term: 0 };
    while (low < high) {
      const middle = low + Math.ceil((high - low) / 2);
      if (this.termAt(middle) <= term) low = middle;
      else high = middle - 1;
    }
    return { index: low, term: this.termAt(low) };
  }

  append(entry: Entry): void {
    assert(entry.index === this.lastIndex + 1, "the log grows by one at its end");
    this.#entries.push(entry);
  }

  /** Cuts off `index` and all after it. The caller tells the writes in flight. */
  truncateFrom(index: number): void {
    assert(index > this.commit, "a committed entry is never replaced");
    this.#entries.length = index - this.#baseIndex - 1 + this.#dropped;
    this.stable = Math.min(this.stable, index - 1);
    this.unsaved = Math.min(this.unsaved, index);
  }

  /** Entries `from .. to`, both included, as a new list. */
  slice(from: number, to: number): Entry[] {
    if (from > to) return [];
    if (from === to) return [this.entryAt(from) as Entry];
    const shift = this.#dropped - this.#baseIndex - 1;
    return this.#entries.slice(from + shift, to + 1 + shift);
  }

  /** Entries from `from` on that fit `maxBytes`, and at least one if there is any. */
  batch(from: number, maxBytes: number): Entry[] {
    const last = this.lastIndex;
    if (from >= last) return this.slice(from, last);
    let to = from;
    let bytes = sizeOf(this.entryAt(to));
    while (to < last) {
      bytes += sizeOf(this.entryAt(to + 1));
      if (bytes > maxBytes) break;
      to += 1;
    }
    return this.slice(from, to);
  }

  /** Bytes of the payloads in `from .. to`. */
  bytesBetween(from: number, to: number): number {
    let bytes = 0;
    for (let index = from; index <= to; index += 1) bytes += sizeOf(this.entryAt(index));
    return bytes;
  }

  /**
   * Forgets the entries before `first`. The array is copied only when half of it is dead, so
   * that each entry is moved once on average.
   */
  dropBefore(first: number): void {
    if (first <= this.firstIndex) return;
    assert(first <= this.applied + 1, "only what was applied is compacted");
    const baseTerm = this.termAt(first - 1);
    this.#dropped += first - this.firstIndex;
    this.#baseIndex = first - 1;
    this.#baseTerm = baseTerm;
    if (this.#dropped * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#dropped);
    this.#dropped = 0;
  }

  /** Puts a received snapshot in place of the whole log; `applied` follows when written. */
  replaceBy(snapshot: Snapshot): void {
    assert(snapshot.index > this.commit, "a snapshot only moves a log forward");
    this.#entries = [];
    this.#dropped = 0;
    this.#baseIndex = snapshot.index;
    this.#baseTerm = snapshot.term;
    this.stable = Math.min(this.stable, this.commit);
    this.unsaved = snapshot.index + 1;
    this.commit = snapshot.index;
  }
}

/** Bytes that the limits count for an entry: those of a payload. */
export function sizeOf(entry: Entry | null): number {
  return entry !== null && entry.kind === "payload" ? entry.payload.size : 0;
}
