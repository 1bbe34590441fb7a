import type { RaftWrite } from "../raft/contract.ts";
import type { Entry, HardState, Snapshot } from "../raft/message.ts";

/** What a sequence of Raft's writes leaves on a disk. */
export class RaftImage {
  hardState: HardState | null = null;
  snapshot: Snapshot | null = null;
  /** `entries[0]` has index `first`; there may be none. */
  #entries: Entry[] = [];
  #first = 1;

  get lastIndex(): number {
    return this.#first + this.#entries.length - 1;
  }

  /** The entries after the snapshot. */
  get entries(): Entry[] {
    const after = this.snapshot?.index ?? 0;
    return this.#entries.filter((entry) => entry.index > after);
  }

  /** The term of the entry at `index`; of the snapshot's last; 0 where there is none. */
  termAt(index: number): number {
    if (index === this.snapshot?.index) return this.snapshot.term;
    return this.#entries[index - this.#first]?.term ?? 0;
  }

  /** Carries out one write, whole. */
  apply({ hardState, snapshot, entries, compactTo }: RaftWrite): void {
    if (hardState !== null) this.hardState = hardState;
    if (snapshot !== null) {
      this.snapshot = snapshot;
      if (compactTo === 0) this.#restart(snapshot.index + 1);
    }
    const first = entries[0];
    if (first !== undefined) {
      this.#entries.splice(Math.max(0, first.index - this.#first));
      for (const entry of entries) this.#entries.push(entry);
    }
    if (compactTo > this.#first) {
      this.#entries = this.#entries.slice(compactTo - this.#first);
      this.#first = compactTo;
    }
  }

  #restart(first: number): void {
    this.#entries = [];
    this.#first = first;
  }
}
