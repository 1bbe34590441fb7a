import type { Random } from "../core/base/random.ts";
import type { Task } from "../core/model/task.ts";
import type { Durable, StorageWrite } from "../core/node/durable.ts";
import type { Storage } from "../core/ports/storage.ts";
import type { RaftWrite } from "../core/raft/contract.ts";
import type { Entry, HardState, Snapshot } from "../core/raft/message.ts";
import { exponential } from "./draw.ts";
import { EventKind, type Kernel } from "./kernel.ts";

/** What a write takes, in microseconds: at least `min`, on average `mean` more. */
export interface DiskConditions {
  min: number;
  mean: number;
}

/** Told when something is safe: after a sync, or because a crash happened to let it through. */
export type OnDurable = (write: StorageWrite) => void;

/** What is safe on a disk: the part that a crash leaves. */
export class DiskImage {
  hardState: HardState | null = null;
  snapshot: Snapshot | null = null;
  readonly tasks = new Map<string, Task>();
  /** `entries[0]` has index `first`; there may be none. */
  #entries: Entry[] = [];
  #first = 1;

  get lastIndex(): number {
    return this.#first + this.#entries.length - 1;
  }

  /** The term of the entry at `index`; of the snapshot's last; 0 where there is none. */
  termAt(index: number): number {
    if (index === this.snapshot?.index) return this.snapshot.term;
    return this.#entries[index - this.#first]?.term ?? 0;
  }

  apply(write: StorageWrite): void {
    for (const part of write.raft) this.#applyRaft(part);
    for (const [id, task] of write.tasks) {
      if (task === null) this.tasks.delete(id);
      else this.tasks.set(id, task);
    }
  }

  load(): Durable {
    const after = this.snapshot?.index ?? 0;
    return {
      hardState: this.hardState,
      snapshot: this.snapshot,
      entries: this.#entries.filter((entry) => entry.index > after),
      tasks: new Map(this.tasks),
    };
  }

  #applyRaft({ hardState, snapshot, entries, compactTo }: RaftWrite): void {
    if (hardState !== null) this.hardState = hardState;
    if (snapshot !== null) {
      this.snapshot = snapshot;
      if (compactTo === 0) this.#restart(snapshot.index + 1);
    }
    const first = entries[0];
    if (first !== undefined) {
      this.#entries.length = Math.max(0, first.index - this.#first);
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

/**
 * One machine's disk. A write is safe once its sync is over; a crash keeps a random number of the
 * oldest unsynced writes and loses the rest, as an operating system's cache does.
 */
export class SimDisk implements Storage {
  readonly image = new DiskImage();
  readonly conditions: DiskConditions = { min: 100, mean: 400 };
  readonly #kernel: Kernel;
  readonly #host: number;
  readonly #random: Random;
  readonly #onDurable: OnDurable;
  readonly #acknowledge: (number: number) => void;
  #pending: StorageWrite[] = [];
  #readyAt = 0;

  constructor(
    kernel: Kernel,
    host: number,
    random: Random,
    onDurable: OnDurable,
    acknowledge: (number: number) => void,
  ) {
    this.#kernel = kernel;
    this.#host = host;
    this.#random = random;
    this.#onDurable = onDurable;
    this.#acknowledge = acknowledge;
  }

  write(write: StorageWrite): void {
    const { min, mean } = this.conditions;
    this.#pending.push(write);
    const took = min + exponential(this.#random, mean);
    this.#readyAt = Math.max(this.#kernel.now, this.#readyAt) + took;
    const delay = this.#readyAt - this.#kernel.now;
    this.#kernel.schedule(delay, EventKind.DISK, this.#host, write, () => this.#sync(write));
  }

  /** The power goes: what was not synced is lost, but for a few of the oldest writes. */
  crash(): void {
    const kept = this.#pending.splice(0, this.#random.below(this.#pending.length + 1));
    for (const write of kept) this.#makeDurable(write);
    this.#pending = [];
    this.#readyAt = 0;
  }

  #sync(write: StorageWrite): boolean {
    if (this.#pending[0] !== write) return false;
    this.#pending.shift();
    this.#makeDurable(write);
    this.#acknowledge(write.number);
    return true;
  }

  #makeDurable(write: StorageWrite): void {
    this.image.apply(write);
    this.#onDurable(write);
  }
}
