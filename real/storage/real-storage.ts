import type { ManagerLock } from "../../core/model/manager-lock.ts";
import type { DiskImage } from "../../core/node/disk-image.ts";
import type { StorageWrite } from "../../core/node/durable.ts";
import { checkpointOf, mergedWrite, walWrite } from "../../core/node/wal-write.ts";
import type { Storage } from "../../core/ports/storage.ts";
import type { PayloadCodec } from "../../core/wal/record.ts";
import { archiveOf } from "./backup.ts";
import type { KeyFile } from "./key-file.ts";
import type { RecordTable, SealedRecord, TableStep } from "./record-table.ts";
import { sealedRecord } from "./sealed-record.ts";

/** After this many records everything is written as one, which replaces them. */
const recordsMost = 10_000;
/** After this many bytes too, but not before they are more than what they replace. */
const bytesMost = 64 * 1024 * 1024;

export interface StorageEvents {
  /** The write `number`, and all before it, would survive a crash. */
  readonly acknowledge: (number: number) => void;
  /** The disk takes no more: nothing is acknowledged from now on. */
  readonly failed: (reason: string) => void;
}

/** Where the records are at. */
export interface LogEnd {
  /** The oldest record that is kept. */
  readonly first: number;
  readonly next: number;
}

/**
 * A node's stable storage: records of `core/wal`, sealed, in LevelDB. What is written while a sync
 * is under way goes into the next one together, so a busy node syncs no more often than an idle
 * one. A snapshot, or many records, are followed by one record of all that the disk holds.
 */
export class RealStorage implements Storage {
  readonly #table: RecordTable;
  readonly #keys: KeyFile;
  readonly #codec: PayloadCodec;
  readonly #image: DiskImage;
  readonly #events: StorageEvents;
  #first: number;
  #next: number;
  #waiting: StorageWrite[] = [];
  /** What is to be done between two syncs, one after another. */
  #errands: (() => Promise<void>)[] = [];
  #running: Promise<void> | null = null;
  #bytes = 0;
  #checkpointBytes = 0;
  #isCheckpointDue: boolean;
  #state: "open" | "closed" | "failed" = "open";

  constructor(
    table: RecordTable,
    keys: KeyFile,
    codec: PayloadCodec,
    found: { readonly image: DiskImage; readonly end: LogEnd },
    events: StorageEvents,
  ) {
    this.#table = table;
    this.#keys = keys;
    this.#codec = codec;
    this.#image = found.image;
    this.#first = found.end.first;
    this.#next = found.end.next;
    this.#events = events;
    this.#isCheckpointDue = keys.isRotating;
  }

  write(write: StorageWrite): void {
    if (this.#state !== "open") return;
    this.#waiting.push(write);
    this.#run();
  }

  /** What the data opens with. */
  get lock(): ManagerLock {
    return this.#keys.lock;
  }

  /** What the node's TLS key is sealed under while the data is locked; null: it is not. */
  get identityKey(): Uint8Array | null {
    return this.#keys.identityKey;
  }

  /** From now on the data opens with this unlock key only; without one, with none. */
  setLock(lock: ManagerLock): Promise<void> {
    return this.#between(async () => {
      this.#keys.setLock(lock);
      if (this.#keys.isRotating) await this.#replaceAll();
    });
  }

  /** All that is safe, in one file for `restore`. As secret as the folder itself. */
  async backup(): Promise<Uint8Array> {
    let archive: Uint8Array = new Uint8Array(0);
    await this.#between(async () => {
      archive = archiveOf(this.#keys, this.#checkpoint());
    });
    return archive;
  }

  /** Finishes what was begun, and lets go of the folder. */
  async close(): Promise<void> {
    if (this.#state === "closed") return;
    while (this.#running !== null) await this.#running;
    this.#state = "closed";
    await this.#table.close();
  }

  #between(errand: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#errands.push(() => errand().then(resolve, reject));
      this.#run();
    });
  }

  #run(): void {
    this.#running ??= Promise.resolve()
      .then(() => this.#work())
      .catch((error) => this.#fail((error as Error).message))
      .finally(() => {
        this.#running = null;
        if (this.#isWorkLeft) this.#run();
      });
  }

  get #isWorkLeft(): boolean {
    return this.#state === "open" && this.#waiting.length + this.#errands.length > 0;
  }

  async #work(): Promise<void> {
    while (this.#isWorkLeft || this.#isCheckpointDue) {
      const errand = this.#errands.shift();
      if (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0));
      if (this.#table.wantsRoom) await this.#table.makeRoom();
      if (errand !== undefined) await errand();
      if (this.#isCheckpointDue) await this.#replaceAll();
    }
  }

  async #commit(writes: readonly StorageWrite[]): Promise<void> {
    const all = mergedWrite(writes);
    const record = sealedRecord(this.#next, walWrite(all), this.#codec, this.#keys.current);
    await this.#carryOut({ put: record, drop: null });
    this.#next += 1;
    this.#image.apply(all);
    this.#bytes += record.bytes.length;
    if (this.#isLong(all)) this.#isCheckpointDue = true;
    this.#events.acknowledge(all.number);
  }

  #isLong({ wipesRaft, raft }: StorageWrite): boolean {
    if (wipesRaft || raft.some(({ snapshot }) => snapshot !== null)) return true;
    if (this.#next - this.#first > recordsMost) return true;
    return this.#bytes > Math.max(bytesMost, 2 * this.#checkpointBytes);
  }

  #checkpoint(): SealedRecord {
    return sealedRecord(this.#next, checkpointOf(this.#image), this.#codec, this.#keys.current);
  }

  async #replaceAll(): Promise<void> {
    this.#isCheckpointDue = false;
    const record = this.#checkpoint();
    const drop = { from: this.#first, below: this.#next };
    await this.#carryOut({ put: record, drop });
    this.#first = this.#next;
    this.#next += 1;
    this.#bytes = 0;
    this.#checkpointBytes = record.bytes.length;
    if (this.#keys.isRotating) this.#keys.retire();
  }

  /** Of a disk that did not take one step nobody knows what it makes of the next. */
  async #carryOut(step: TableStep): Promise<void> {
    try {
      await this.#table.carryOut(step);
    } catch (error) {
      this.#fail((error as Error).message);
      throw error;
    }
  }

  #fail(reason: string): void {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#waiting = [];
    this.#errands = [];
    this.#isCheckpointDue = false;
    this.#events.failed(reason);
  }
}
