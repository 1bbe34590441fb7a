import type { Random } from "../core/base/random.ts";
import type { Task } from "../core/model/task.ts";
import type { Durable, StorageWrite } from "../core/node/durable.ts";
import type { Storage } from "../core/ports/storage.ts";
import type { HardState, Snapshot } from "../core/raft/message.ts";
import { RaftImage } from "../core/wal/raft-image.ts";
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
  readonly raft = new RaftImage();
  readonly tasks = new Map<string, Task>();

  get hardState(): HardState | null {
    return this.raft.hardState;
  }

  get snapshot(): Snapshot | null {
    return this.raft.snapshot;
  }

  get lastIndex(): number {
    return this.raft.lastIndex;
  }

  termAt(index: number): number {
    return this.raft.termAt(index);
  }

  apply(write: StorageWrite): void {
    for (const part of write.raft) this.raft.apply(part);
    for (const [id, task] of write.tasks) {
      if (task === null) this.tasks.delete(id);
      else this.tasks.set(id, task);
    }
  }

  load(): Durable {
    const { hardState, snapshot, entries } = this.raft;
    return { hardState, snapshot, entries, tasks: new Map(this.tasks) };
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
