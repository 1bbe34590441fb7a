import type { RaftMessage, Snapshot } from "./message.ts";

/** One write that the disk has not acknowledged yet, and what becomes true once it has. */
export interface WriteInFlight {
  readonly id: number;
  /** Once written, the disk has this term. */
  readonly term: number;
  /**
   * Once written, the disk holds the log up to here. Lowered when the log is cut off meanwhile:
   * a later entry at the same index, even of the same term, is not the one this write carries.
   */
  attests: number;
  /** Messages that promise what this write makes durable; null: none. */
  messages: RaftMessage[] | null;
  /** The term in which the candidate's own vote counts from then on; 0: none. */
  readonly ownVoteTerm: number;
  /** A received snapshot, to be restored from then on. */
  readonly restore: Snapshot | null;
}

/** The writes in flight, oldest first. They are acknowledged in order. */
export class WritesInFlight {
  #queue: WriteInFlight[] = [];
  #head = 0;
  #lastId = 0;

  get newest(): WriteInFlight | null {
    if (this.#head === this.#queue.length) return null;
    return this.#queue[this.#queue.length - 1] ?? null;
  }

  add(term: number, attests: number, ownVoteTerm: number, restore: Snapshot | null): number {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#queue.push({ id, term, attests, messages: null, ownVoteTerm, restore });
    return id;
  }

  /** The oldest write if it is `id` or before it, removed; else null. */
  take(id: number): WriteInFlight | null {
    const oldest = this.#queue[this.#head];
    if (oldest === undefined || oldest.id > id) return null;
    this.#head += 1;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    } else if (this.#head * 2 > this.#queue.length + 64) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return oldest;
  }

  /** The log after `index` is not what the writes in flight carry any more. */
  capAt(index: number): void {
    for (let at = this.#head; at < this.#queue.length; at += 1) {
      const write = this.#queue[at] as WriteInFlight;
      write.attests = Math.min(write.attests, index);
    }
  }
}
