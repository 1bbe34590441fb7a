import type { Random } from "../../core/base/random.ts";
import type { Task } from "../../core/model/task.ts";
import { DiskImage } from "../../core/node/disk-image.ts";
import type { Durable, StorageWrite } from "../../core/node/durable.ts";
import { bringsSnapshot, divided, type OwnSnapshot } from "../../core/node/wal-write.ts";
import type { Storage } from "../../core/ports/storage.ts";
import { exponential } from "../chance/draw.ts";
import { EventKind, type Kernel } from "../kernel.ts";
import type { Boot, Damage, Platter } from "./platter.ts";

/** What a sync takes, in microseconds: at least `min`, on average `mean` more. */
export interface DiskConditions {
  min: number;
  mean: number;
  /** Of a million syncs this many fail. */
  failuresPerMillion: number;
  /** The next sync fails, whatever the odds. */
  failsNext: boolean;
  /** There is no room for any write. */
  isFull: boolean;
}

/** What a disk is like that nothing is wrong with. */
const soundDisk: Omit<DiskConditions, "min" | "mean"> = {
  failuresPerMillion: 0,
  failsNext: false,
  isFull: false,
};

/** So many writes after it a node's own snapshot is safe too. */
const writesOfSnapshot = 8;

/** Who hears what becomes of writes. */
export interface DiskListener {
  /** It is safe: after its sync, or because a crash happened to let it through. */
  durable(write: StorageWrite): void;
  /** The sync of all writes up to the one with this number is over. */
  written(number: number): void;
  /** A write has failed, and nothing more is taken. Left out: none does. */
  failed?(reason: string): void;
}

/**
 * One machine's disk. What is written while a sync is under way goes into the next one together. A
 * write is safe once its sync is over; a crash keeps a random number of the oldest unsynced writes
 * and loses the rest, as an operating system's cache does. The first that is lost may be torn: some
 * of its bytes are there. Once a sync has failed nobody knows what is on the disk, so its user must
 * end: what an operating system says of a second sync is not to be trusted (PostgreSQL's
 * "fsyncgate" of 2018).
 *
 * What is safe is kept as objects. Only what a crash leaves becomes a log of bytes, which the next
 * start reads.
 */
export class SimDisk implements Storage {
  /** What is safe: what a start must find. */
  readonly image = new DiskImage();
  /** The newest feature level of any version that has used it. 0: none has. */
  level = 0;
  readonly conditions: DiskConditions = { min: 100, mean: 400, ...soundDisk };
  readonly #kernel: Kernel;
  readonly #host: number;
  readonly #random: Random;
  readonly #platter: Platter;
  readonly #listener: DiskListener;
  /** What the sync under way makes safe; empty: none is. */
  #syncing: readonly StorageWrite[] = [];
  #waiting: StorageWrite[] = [];
  /** The node's own snapshot that is on its way. */
  #own: OwnSnapshot | null = null;
  #writesUntilOwn = 0;

  constructor(
    kernel: Kernel,
    host: number,
    random: Random,
    platter: Platter,
    listener: DiskListener,
  ) {
    this.#kernel = kernel;
    this.#host = host;
    this.#random = random;
    this.#platter = platter;
    this.#listener = listener;
  }

  write(write: StorageWrite): void {
    this.#waiting.push(write);
    if (this.#syncing.length === 0) this.#begin();
  }

  /** The power goes: what was not synced is lost, except for a few of the oldest writes. */
  crash(): void {
    const pending = [...this.#syncing, ...this.#waiting];
    const through = pending.splice(0, this.#random.below(pending.length + 1));
    const kept = through.map((write) => divided(write).atOnce);
    this.#own = null;
    this.#platter.leave(this.image, kept, pending[0] ?? null);
    for (const write of kept) this.#makeDurable(write);
    this.#syncing = [];
    this.#waiting = [];
  }

  /** From the next crash on, something is wrong with what is safe. */
  damage(damage: Damage): void {
    this.#platter.damage(damage);
  }

  /** What can be repaired is: from now on every sync and every read succeeds. */
  repair(): void {
    Object.assign(this.conditions, soundDisk);
    this.#platter.readRight();
  }

  /** Everything is gone; the machine is off. */
  wipe(): void {
    const tasks = new Map([...this.image.tasks.keys()].map((id) => [id, null]));
    this.#platter.forget();
    this.level = 0;
    this.image.standing = null;
    this.#makeDurable({ number: 0, wipesRaft: true, raft: [], tasks, standing: null });
  }

  /** It holds just this from now on; the machine is off. */
  restore({ hardState, snapshot, entries, tasks, standing }: Durable): void {
    const gone = [...this.image.tasks.keys()].map((id) => [id, null] as const);
    this.#platter.forget();
    this.image.standing = null;
    const raft = [{ id: 0, hardState, snapshot, entries, compactTo: 0 }];
    const kept = new Map<string, Task | null>([...gone, ...tasks]);
    this.#makeDurable({ number: 0, wipesRaft: true, raft, tasks: kept, standing });
  }

  /** Why it can't be opened, which takes a sync as well; null: it can. */
  opening(): string | null {
    return this.#failure();
  }

  /** True once the disk has lost what was safe. */
  get isCorrupt(): boolean {
    return this.#platter.isCorrupt;
  }

  /** True where no start will find what was safe. */
  get isDamaged(): boolean {
    return this.#platter.isDamaged;
  }

  /** True where no start after the next crash will find what was safe. */
  get isDoomed(): boolean {
    return this.#platter.isDoomed;
  }

  /** True when the last start found the rest of a torn write. */
  get foundTorn(): boolean {
    return this.#platter.foundTorn;
  }

  /** What a start finds. */
  boot(): Boot {
    return this.#platter.read() ?? { kind: "recovered", durable: this.image.load() };
  }

  #begin(): void {
    const { min, mean } = this.conditions;
    const writes = this.#waiting.splice(0);
    const newest = writes.at(-1) as StorageWrite;
    this.#syncing = writes;
    const took = min + exponential(this.#random, mean);
    this.#kernel.schedule(took, EventKind.DISK, this.#host, newest, () => {
      return this.#sync(writes, newest.number);
    });
  }

  #sync(writes: readonly StorageWrite[], newest: number): boolean {
    if (this.#syncing !== writes) return false;
    const reason = this.#failure();
    if (reason !== null) {
      this.#listener.failed?.(reason);
      return true;
    }
    for (const write of writes) {
      const { atOnce, later } = divided(write);
      this.#makeDurable(atOnce);
      this.#takeOwn(write, later);
    }
    this.#syncing = [];
    if (this.#waiting.length > 0) this.#begin();
    this.#listener.written(newest);
    return true;
  }

  #takeOwn(write: StorageWrite, own: OwnSnapshot | null): void {
    if (write.wipesRaft || bringsSnapshot(write)) this.#own = null;
    if (own !== null) {
      this.#own = own;
      this.#writesUntilOwn = writesOfSnapshot;
    }
    if (this.#own === null) return;
    this.#writesUntilOwn -= 1;
    if (this.#writesUntilOwn > 0) return;
    const part = { id: 0, hardState: null, entries: [], ...this.#own };
    this.#own = null;
    const beside = { wipesRaft: false, tasks: new Map(), standing: null };
    this.#makeDurable({ number: write.number, raft: [part], ...beside });
  }

  /** Why this sync fails; null: it does not. */
  #failure(): string | null {
    const { failuresPerMillion, failsNext, isFull } = this.conditions;
    if (isFull) return "no space left on device";
    this.conditions.failsNext = false;
    const fails = failsNext || this.#random.chance(failuresPerMillion);
    return fails ? "fsync: input/output error" : null;
  }

  #makeDurable(write: StorageWrite): void {
    this.image.apply(write);
    this.#listener.durable(write);
  }
}
