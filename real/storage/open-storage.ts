import { existsSync } from "node:fs";
import type { Durable } from "../../core/node/durable.ts";
import type { PayloadCodec, WalWrite } from "../../core/wal/record.ts";
import { makeFolder } from "../folder.ts";
import { KeyFile, type StorageOwner } from "./key-file.ts";
import { readLog } from "./read-log.ts";
import { RealStorage, type StorageEvents } from "./real-storage.ts";
import { damaged, RecordTable } from "./record-table.ts";
import { sealedRecord } from "./sealed-record.ts";

export interface StorageOptions extends StorageEvents {
  /** Made when it is not there. */
  readonly folder: string;
  readonly owner: StorageOwner;
  /** How what Raft does not read becomes bytes, and the agent's tasks with the standing. */
  readonly codec: PayloadCodec;
  /** `SWMKEY-1-...`; null: none was given. */
  readonly unlockKey: string | null;
  /** Waits for the key of a folder that is locked; null: without a key it is not opened. */
  readonly askKey: AskKey | null;
}

/** `problemOf` says why a key does not open the folder, or null: the answer is one that does. */
export type AskKey = (problemOf: (unlockKey: string) => string | null) => Promise<string>;

const nothing: WalWrite = { wipesRaft: true, raft: [], attached: null };

export interface OpenStorage {
  readonly storage: RealStorage;
  /** What the node finds on its disk. */
  readonly durable: Durable;
}

/**
 * Opens a node's storage. Rejects with an `Error` that says what is wrong and what to do: it is in
 * use, of another node or cluster, of a newer version, locked, or damaged.
 */
export async function openStorage(options: StorageOptions): Promise<OpenStorage> {
  const { folder, owner, codec } = options;
  makeFolder(folder, 0o700);
  const isLocked = KeyFile.isLocked(folder, owner);
  const table = await RecordTable.open(folder, !existsSync(KeyFile.path(folder)));
  try {
    const unlockKey = isLocked ? await keyFor(options) : null;
    const known = KeyFile.read(folder, owner, unlockKey);
    const keys = known ?? (await firstKeys(folder, owner, table, codec));
    const found = await readLog(folder, table.records(), keys, codec);
    const durable = found.image.load();
    return { storage: new RealStorage(table, keys, codec, found, options), durable };
  } catch (error) {
    await table.close();
    throw error;
  }
}

/** The key that was given, right or wrong, or else one that is right. */
async function keyFor({ folder, owner, unlockKey, askKey }: StorageOptions) {
  if (unlockKey !== null || askKey === null) return unlockKey;
  return askKey((key) => {
    try {
      KeyFile.read(folder, owner, key);
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  });
}

/**
 * A folder that is new begins with a record of nothing, and only then has keys: so records that
 * are gone are missed, and a crash in between leaves a folder that is new.
 */
async function firstKeys(
  folder: string,
  owner: StorageOwner,
  table: RecordTable,
  codec: PayloadCodec,
): Promise<KeyFile> {
  for await (const { sequence } of table.records()) {
    if (sequence === 1) continue;
    throw new Error(damaged(folder, `its keys are gone (${KeyFile.path(folder)})`));
  }
  const keys = KeyFile.fresh(folder, owner);
  const put = sealedRecord({ sequence: 1, part: 0 }, nothing, codec, keys.current);
  await table.carryOut({ put, dropBelow: null });
  keys.save();
  return keys;
}
