import { setImmediate } from "node:timers/promises";
import type { ManagerLock } from "../../core/model/manager-lock.ts";
import { checkpointParts } from "../../core/node/checkpoint.ts";
import type { DiskImage } from "../../core/node/disk-image.ts";
import type { StorageWrite } from "../../core/node/durable.ts";
import { bringsSnapshot, divided, mergedWrite, walWrite } from "../../core/node/wal-write.ts";
import type { Storage } from "../../core/ports/storage.ts";
import type { PayloadCodec, WalWrite } from "../../core/wal/record.ts";
import { archiveOf } from "./backup.ts";
import type { KeyFile } from "./key-file.ts";
import type { FoundLog } from "./read-log.ts";
import type { RecordTable, TableStep } from "./record-table.ts";
import { type RecordPlace, type SealedRecord, sealedRecord } from "./sealed-record.ts";

/** After this many records all that there is is written down, in place of them. */
const recordsMost = 10_000;
/** After this many bytes too, but not before they are more than what they replace. */
const bytesMost = 64 * 1024 * 1024;

export interface StorageEvents {
  /** The write `number`, and all before it, would survive a crash. */
  readonly acknowledge: (number: number) => void;
  /** The disk takes no more: nothing is acknowledged from now on. */
  readonly failed: (reason: string) => void;
}

/** What is to be done between two syncs, and who waits for it. */
interface Errand {
  readonly carryOut: () => Promise<void>;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

/** All that the disk held once the record of that number was safe, on its way there. */
interface Checkpoint {
  readonly sequence: number;
  /** What is not written yet; the first is the record itself, and is written last. */
  readonly parts: Iterator<WalWrite>;
  readonly head: WalWrite;
  written: number;
  bytes: number;
}

/**
 * A node's stable storage: records of `core/wal`, sealed, in LevelDB. What is written while a sync
 * is under way goes into the next one together, so a busy node syncs no more often than an idle
 * one.
 *
 * A snapshot, or many records, are followed by a checkpoint: all that the disk held after its last
 * record. It is written in parts, and between two of them what the node writes meanwhile. The last
 * one takes the record's place, and all records before it go, in one step; until then they count,
 * and after a crash its parts are nothing. Only a snapshot that came from a leader is waited for.
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
  /** They are done one after another. */
  readonly #errands: Errand[] = [];
  #running: Promise<void> | null = null;
  #bytes = 0;
  #checkpointBytes = 0;
  #isCheckpointDue: boolean;
  #checkpoint: Checkpoint | null = null;
  #state: "open" | "closed" | "failed" = "open";
  #reason = "the data is closed";

  constructor(
    table: RecordTable,
    keys: KeyFile,
    codec: PayloadCodec,
    found: FoundLog,
    events: StorageEvents,
  ) {
    this.#table = table;
    this.#keys = keys;
    this.#codec = codec;
    this.#image = found.image;
    this.#first = found.first;
    this.#next = found.next;
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

  /** All that is safe, as the bytes of one file for `restore`. As secret as the folder itself. */
  async backup(): Promise<Uint8Array[]> {
    let archive: Uint8Array[] = [];
    await this.#between(async () => {
      const sequence = this.#next;
      const [head, ...rest] = checkpointParts(this.#image.load()) as Iterable<WalWrite>;
      const records: SealedRecord[] = [];
      for (const [at, write] of rest.entries()) {
        records.push(this.#sealed({ sequence, part: at + 1 }, write));
        await setImmediate();
      }
      records.push(this.#sealed({ sequence, part: 0 }, head as WalWrite, rest.length));
      archive = archiveOf(this.#keys, sequence, records);
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

  #between(carryOut: () => Promise<void>): Promise<void> {
    return new Promise((done, failed) => {
      if (this.#state !== "open") return failed(new Error(this.#reason));
      this.#errands.push({ carryOut, done, failed });
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
    while (this.#isWorkLeft || this.#isCheckpointDue || this.#checkpoint !== null) {
      const [errand] = this.#errands;
      if (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0));
      if (this.#checkpoint === null && this.#table.wantsRoom) await this.#table.makeRoom();
      if (errand !== undefined) await this.#runErrand(errand);
      if (this.#checkpoint !== null) await this.#goOn(this.#checkpoint);
      else if (this.#isCheckpointDue) await this.#beginDue();
    }
  }

  async #runErrand({ carryOut, done, failed }: Errand): Promise<void> {
    this.#errands.shift();
    await carryOut().then(done, failed);
  }

  async #commit(writes: readonly StorageWrite[]): Promise<void> {
    const all = mergedWrite(writes);
    if (bringsSnapshot(all)) {
      this.#image.apply(all);
      await this.#replaceAll();
    } else {
      const { atOnce, later } = divided(all);
      const record = this.#sealed({ sequence: this.#next, part: 0 }, walWrite(atOnce));
      await this.#carryOut({ put: record, dropBelow: null });
      this.#next += 1;
      this.#image.apply(all);
      this.#bytes += record.bytes.length;
      if (all.wipesRaft || later !== null || this.#isLong) this.#isCheckpointDue = true;
    }
    this.#events.acknowledge(all.number);
  }

  get #isLong(): boolean {
    const begun = this.#checkpoint?.sequence ?? this.#first;
    if (this.#next - begun > recordsMost) return true;
    return this.#bytes > Math.max(bytesMost, 2 * this.#checkpointBytes);
  }

  /** In place of the last record, unless that is a whole checkpoint itself. */
  async #beginDue(): Promise<void> {
    if (this.#next - 1 === this.#first) await this.#replaceAll();
    else this.#begin(this.#next - 1);
  }

  /** A checkpoint of now, as a record of its own, with nothing in between. */
  async #replaceAll(): Promise<void> {
    this.#next += 1;
    this.#begin(this.#next - 1);
    while (this.#checkpoint !== null) await this.#goOn(this.#checkpoint);
  }

  /** In place of one that is not finished. */
  #begin(sequence: number): void {
    const parts = checkpointParts(this.#image.load());
    const head = parts.next().value as WalWrite;
    this.#isCheckpointDue = false;
    this.#bytes = 0;
    this.#checkpoint = { sequence, parts, head, written: 0, bytes: 0 };
  }

  async #goOn(checkpoint: Checkpoint): Promise<void> {
    const { sequence, parts, head, written } = checkpoint;
    const { value, done } = parts.next();
    const record =
      done === true
        ? this.#sealed({ sequence, part: 0 }, head, written)
        : this.#sealed({ sequence, part: written + 1 }, value);
    await this.#carryOut({ put: record, dropBelow: done === true ? sequence : null });
    checkpoint.written += 1;
    checkpoint.bytes += record.bytes.length;
    if (done !== true) return;
    this.#checkpoint = null;
    this.#first = sequence;
    this.#checkpointBytes = checkpoint.bytes;
    if (this.#keys.isRotating) this.#keys.retire();
  }

  #sealed(place: RecordPlace, write: WalWrite, parts = 0): SealedRecord {
    return sealedRecord(place, write, this.#codec, this.#keys.current, parts);
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
    this.#reason = reason;
    this.#waiting = [];
    for (const { failed } of this.#errands.splice(0)) failed(new Error(reason));
    this.#isCheckpointDue = false;
    this.#checkpoint = null;
    this.#events.failed(reason);
  }
}
