import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { replaceFile } from "../text-file.ts";
import { LogRoom } from "./log-room.ts";
import { newestInLogs } from "./raw-logs.ts";

type Table = ClassicLevel<string, Uint8Array>;

/** One record as it lies in the table: sealed, under its number. */
export interface SealedRecord {
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

/** What is done in one step, all of it or nothing, and on the disk before it is over. */
export interface TableStep {
  /** The next record: one a step, begun when the step before is over. */
  readonly put: SealedRecord;
  /** Records from the first to the one before `below` go; null: none. */
  readonly drop: { readonly from: number; readonly below: number } | null;
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

  private constructor(folder: string, table: Table, newest: number) {
    this.#folder = folder;
    this.#table = table;
    this.#newest = newest;
    this.#room = new LogRoom(join(folder, "records"));
  }

  /** Throws an `Error` that names what is wrong and what to do. */
  static async open(folder: string): Promise<RecordTable> {
    checkUndamaged(folder);
    const newest = Math.max(newestInLogs(join(folder, "records")), expected(folder));
    if (newest > 0) replaceFile(join(folder, "expected"), `${newest}\n`);
    const table = new ClassicLevel<string, Uint8Array>(join(folder, "records"), {
      keyEncoding: "utf8",
      valueEncoding: "view",
      compression: false,
    });
    try {
      await table.open();
    } catch (error) {
      throw new Error(whyNotOpen(folder, error));
    }
    try {
      writeFileSync(pidPath(folder), `${process.pid}\n`);
    } catch (error) {
      await table.close();
      throw new Error(whyNotWritten(folder, (error as Error).message));
    }
    return new RecordTable(folder, table, newest);
  }

  /** All records in the order of their numbers. Throws when they can't be read. */
  async records(): Promise<SealedRecord[]> {
    const entries = await this.#all();
    const last = Number(entries.at(-1)?.[0] ?? 0);
    if (this.#newest > last + 1) {
      const what = `the records from ${last + 1} to ${this.#newest - 1} are missing`;
      replaceFile(join(this.#folder, "damaged"), `${what}\n`);
      throw new Error(damaged(this.#folder, what));
    }
    rmSync(join(this.#folder, "expected"), { force: true });
    return entries.map(([key, bytes]) => ({ sequence: Number(key), bytes }));
  }

  async #all(): Promise<[string, Uint8Array][]> {
    try {
      return await this.#table.iterator().all();
    } catch (error) {
      throw new Error(damaged(this.#folder, causeOf(error)));
    }
  }

  /** Rejects with an `Error` that says why the disk has not taken it. */
  async carryOut({ put, drop }: TableStep): Promise<void> {
    const batch = this.#table.batch();
    if (drop !== null) {
      for (let at = drop.from; at < drop.below; at += 1) batch.del(keyOf(at));
    }
    batch.put(keyOf(put.sequence), put.bytes);
    try {
      await batch.write({ sync: true });
    } catch (error) {
      throw new Error(whyNotWritten(this.#folder, causeOf(error)));
    }
    this.#room.wrote(put.bytes.length);
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

/** Numbers whose order as texts is their own. */
function keyOf(sequence: number): string {
  return String(sequence).padStart(16, "0");
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
  if (/corrupt/i.test(cause)) return damaged(folder, cause);
  return `${folder} can't be opened: ${cause}`;
}

function whyNotWritten(folder: string, cause: string): string {
  const isFull = /no space left|ENOSPC|quota/i.test(cause);
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
