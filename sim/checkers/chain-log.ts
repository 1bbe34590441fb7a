import type { Entry } from "../../core/raft/message.ts";

/**
 * The hash chain of one log: the hash at an index stands for all entries up to it, so two logs are
 * compared in one step. Costs what changes, not what the log holds.
 */
export class ChainLog {
  /** `#hashes[0]` is the hash at `#first`, which no entry may be behind any more. */
  #hashes: number[] = [0];
  #first = 0;

  get lastIndex(): number {
    return this.#first + this.#hashes.length - 1;
  }

  /** Whether the log begins after `index`: what was there is in a snapshot. */
  isCompacted(index: number): boolean {
    return index < this.#first;
  }

  /** Undefined where the log has been compacted away, or does not reach. */
  at(index: number): number | undefined {
    return this.#hashes[index - this.#first];
  }

  /** Replaces what the log holds from `entry.index` on. Undefined when the log has a hole there. */
  put(entry: Entry, identity: number): number | undefined {
    const before = this.at(entry.index - 1);
    if (before === undefined) return undefined;
    const hash = link(before, entry.term, identity);
    if (entry.index <= this.lastIndex) this.#hashes.splice(entry.index - this.#first);
    this.#hashes.push(hash);
    return hash;
  }

  /** Starts anew after a snapshot whose hash is `hash`. */
  restart(index: number, hash: number): void {
    this.#first = index;
    this.#hashes = [hash];
  }

  /** Forgets what is before `index`. */
  dropBefore(index: number): void {
    const count = Math.min(index - this.#first, this.#hashes.length - 1);
    if (count <= 0) return;
    this.#hashes = this.#hashes.slice(count);
    this.#first += count;
  }

  copyFrom(other: ChainLog): void {
    this.#hashes = [...other.#hashes];
    this.#first = other.#first;
  }
}

/** Mixes into 53 bits, which a number holds exactly. */
function link(before: number, term: number, identity: number): number {
  const low = before | 0;
  const high = (before / 0x1_0000_0000) | 0;
  const mixed = Math.imul(low ^ Math.imul(term, 0x9e3779b1), 0x85ebca6b) ^ (low >>> 13);
  const other = Math.imul(high ^ Math.imul(identity, 0xc2b2ae35) ^ mixed, 0x27d4eb2f);
  const top = ((other ^ (other >>> 15)) >>> 0) & 0x1f_ffff;
  return top * 0x1_0000_0000 + ((mixed ^ other) >>> 0);
}
