import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { replaceFile } from "../text-file.ts";
import { LogRoom } from "./log-room.ts";
import { newestInLogs } from "./raw-logs.ts";
import type { RecordPlace, SealedRecord } from "./sealed-record.ts";

type Table = ClassicLevel<string, Uint8Array>;

/** What is done in one step, all of it or nothing, and on the disk before it is over. */
export interface TableStep {
  /** The next record, or a part of it: one a step, begun when the step before is over. */
  readonly put: SealedRecord;
  /** All records before that of this number go, with their parts; null: none. */
  readonly dropBelow: number | null;
}

/**
 * The records of a node by their numbers, in LevelDB: every step is one batch with a real sync.
 *
 * LevelDB leaves out what is damaged at the end of its log, and may not say so. A crash leaves at
 * most the last record out, since one is begun when that before it is safe. So whoever has begun
 * the one after next had acknowledged the next: if that is missing it is damage, for good.
 */
export class RecordTable {
  readonly #folder: string;
  readonly #table: Table;
  /** The highest number that was begun. */
  readonly #newest: number;
  readonly #room: LogRoom;
  readonly #keys = new Set<string>();

  private constructor(folder: string, table: Table, newest: number) {
    this.#folder = folder;
    this.#table = table;
    this.#newest = newest;
    this.#room = new LogRoom(join(folder, "records"));
  }

  /**
   * `isNew`: nothing says that there were records. Throws an `Error` that names what is wrong and
   * what to do.
   */
  static async open(folder: string, isNew: boolean): Promise<RecordTable> {
    checkUndamaged(folder);
    const newest = Math.max(newestInLogs(join(folder, "records")), expected(folder));
    if (newest > 0) replaceFile(join(folder, "expected"), `${newest}\n`);
    const table = await openTable(folder, isNew && newest === 0);
    try {
      writeFileSync(pidPath(folder), `${process.pid}\n`);
    } catch (error) {
      await table.close();
      throw new Error(whyNotWritten(folder, (error as Error).message));
    }
    return new RecordTable(folder, table, newest);
  }

  /**
   * All records in the order of their numbers, each before its parts. Rejects when one can't be
   * read, and at the end when one that was acknowledged is not there.
   */
  async *records(): AsyncGenerator<SealedRecord> {
    let last = 0;
    for await (const [key, bytes] of this.#read()) {
      const place = placeOf(key);
      if (place.part === 0) last = place.sequence;
      this.#keys.add(key);
      yield { ...place, bytes };
    }
    if (this.#newest > last + 1) {
      const what = `the records from ${last + 1} to ${this.#newest - 1} are missing`;
      replaceFile(join(this.#folder, "damaged"), `${what}\n`);
      throw new Error(damaged(this.#folder, what));
    }
    rmSync(join(this.#folder, "expected"), { force: true });
  }

  async *#read(): AsyncGenerator<[string, Uint8Array]> {
    const iterator = this.#table.iterator();
    const next = () =>
      iterator.next().catch((error) => {
        throw new Error(damaged(this.#folder, causeOf(error)));
      });
    for (let entry = await next(); entry !== undefined; entry = await next()) yield entry;
    await iterator.close();
  }

  /** Rejects with an `Error` that says why the disk has not taken it. */
  async carryOut({ put, dropBelow }: TableStep): Promise<void> {
    const batch = this.#table.batch();
    const dropped = dropBelow === null ? [] : this.#keysBelow(dropBelow);
    for (const key of dropped) batch.del(key);
    batch.put(keyOf(put), put.bytes);
    try {
      await batch.write({ sync: true });
    } catch (error) {
      throw new Error(whyNotWritten(this.#folder, causeOf(error)));
    }
    for (const key of dropped) this.#keys.delete(key);
    this.#keys.add(keyOf(put));
    this.#room.wrote(put.bytes.length);
  }

  #keysBelow(sequence: number): string[] {
    const end = keyOf({ sequence, part: 0 });
    return [...this.#keys].filter((key) => key < end);
  }

  /** True: what is written next is faster on the disk after `makeRoom`. */
  get wantsRoom(): boolean {
    return this.#room.isWanted;
  }

  /** Between two steps. Never rejects. */
  makeRoom(): Promise<void> {
    return this.#room.make();
  }

  async close(): Promise<void> {
    await this.#table.close();
    rmSync(pidPath(this.#folder), { force: true });
  }
}

/**
 * LevelDB 1.20 does not sync what it begins with: a machine that loses its power in between leaves
 * what it then takes for damage. Where nothing was ever written, it begins once more.
 */
async function openTable(folder: string, isBlank: boolean): Promise<Table> {
  const place = join(folder, "records");
  const table = new ClassicLevel<string, Uint8Array>(place, {
    keyEncoding: "utf8",
    valueEncoding: "view",
    compression: false,
  });
  try {
    await table.open();
    return table;
  } catch (error) {
    if (!isBlank || !isCorruption(error) || hasTables(place)) {
      throw new Error(whyNotOpen(folder, error));
    }
  }
  rmSync(place, { recursive: true });
  return openTable(folder, false);
}

function isCorruption(error: unknown): boolean {
  return /corrupt/i.test(causeOf(error));
}

/** Records that are in no log any more. */
function hasTables(place: string): boolean {
  return readdirSync(place).some((name) => name.endsWith(".ldb"));
}

/** Numbers whose order as texts is their own. */
function keyOf({ sequence, part }: RecordPlace): string {
  const key = String(sequence).padStart(16, "0");
  return part === 0 ? key : `${key}.${String(part).padStart(8, "0")}`;
}

function placeOf(key: string): RecordPlace {
  const [sequence, part = 0] = key.split(".").map(Number) as [number, number?];
  return { sequence, part };
}

/** What an earlier start that came to no end has seen in LevelDB's logs. */
function expected(folder: string): number {
  return Number(textOf(join(folder, "expected")));
}

function pidPath(folder: string): string {
  return join(folder, "pid");
}

function whyNotOpen(folder: string, error: unknown): string {
  const cause = causeOf(error);
  const { code } = (error as { cause?: { code?: string } }).cause ?? {};
  if (code === "LEVEL_LOCKED") {
    const pid = textOf(pidPath(folder)).trim();
    const who = pid === "" ? "another process" : `process ${pid}`;
    return `${folder} is in use by ${who}: stop it first, or choose another --state-dir`;
  }
  if (isCorruption(error)) return damaged(folder, cause);
  if (isOfFullDisk(cause)) return whyNotWritten(folder, cause);
  return `${folder} can't be opened: ${cause}`;
}

function isOfFullDisk(cause: string): boolean {
  return /no space left|ENOSPC|quota/i.test(cause);
}

function whyNotWritten(folder: string, cause: string): string {
  const isFull = isOfFullDisk(cause);
  const what = isFull ? "the disk is full" : "the disk has failed";
  const help = isFull ? "make room" : "see to the disk";
  const kept = "Nothing that was acknowledged is lost";
  return `${what}: ${folder}: ${cause}. ${kept}: ${help} and start the node again`;
}

/** A finding lasts: what LevelDB left out at one start cannot be missed at the next. */
function checkUndamaged(folder: string): void {
  const known = textOf(join(folder, "damaged")).trim();
  if (known !== "") throw new Error(damaged(folder, known));
}

/** Words for whoever has to repair it. */
export function damaged(folder: string, what: string): string {
  return (
    `${folder} is damaged: ${what}. What is lost was acknowledged, and others count on it, so ` +
    "this node does not start with the rest. Restore a backup, or remove this node from the " +
    "cluster, delete its state and let it join again"
  );
}

function causeOf(error: unknown): string {
  const { cause, message } = error as { cause?: { message?: string }; message: string };
  return cause?.message ?? message;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
