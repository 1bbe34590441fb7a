import type { DiskImage } from "../../core/node/disk-image.ts";
import type { StorageWrite } from "../../core/node/durable.ts";
import type { Payload } from "../../core/raft/message.ts";
import { encode, frameAt } from "../../core/wal/frame.ts";
import { recordOf } from "../../core/wal/log.ts";
import type { PayloadCodec, WalWrite } from "../../core/wal/record.ts";
import { seal, unseal } from "./cipher.ts";
import type { DataKey, KeyFile } from "./key-file.ts";
import type { SealedRecord } from "./record-table.ts";

/** What a record carries of a write beside what Raft wrote. */
interface NodePayload extends Payload, Pick<StorageWrite, "tasks" | "standing"> {}

const idBytes = 4;

/**
 * A record of core's log, sealed under the key of now, the key's number before it, in a frame of
 * core's own: so its number can be found in the raw files too.
 */
export function sealedRecord(
  sequence: number,
  write: WalWrite,
  codec: PayloadCodec,
  { id, key }: DataKey,
): SealedRecord {
  const record = seal(key, recordOf(sequence, write, codec), placeOf(sequence));
  const body = Buffer.alloc(idBytes + record.length);
  body.writeUInt32LE(id);
  body.set(record, idBytes);
  return { sequence, bytes: encode(sequence, body) };
}

/** The record as core wrote it; null when it is not whole, or of another key. */
export function openedRecord({ sequence, bytes }: SealedRecord, keys: KeyFile): Uint8Array | null {
  const body = frameAt(bytes, 0)?.body;
  if (body === undefined || body.length < idBytes) return null;
  const key = keys.keyOf(new DataView(body.buffer, body.byteOffset, idBytes).getUint32(0, true));
  return key === null ? null : unseal(key, body.subarray(idBytes), placeOf(sequence));
}

/** What was sealed for one place opens in no other. */
function placeOf(sequence: number): string {
  return `record ${sequence}`;
}

export function walWrite({ wipesRaft, raft, tasks, standing }: StorageWrite): WalWrite {
  if (tasks.size === 0 && standing === null) return { wipesRaft, raft, attached: null };
  const attached: NodePayload = { size: tasks.size, tasks, standing };
  return { wipesRaft, raft, attached };
}

/** Writes that follow one another, as one that does the same. There is at least one. */
export function together(writes: readonly StorageWrite[]): StorageWrite {
  const { number } = writes[writes.length - 1] as StorageWrite;
  const lastWipe = writes.map(({ wipesRaft }) => wipesRaft).lastIndexOf(true);
  return {
    number,
    wipesRaft: lastWipe >= 0,
    raft: writes.slice(Math.max(0, lastWipe)).flatMap(({ raft }) => raft),
    tasks: new Map(writes.flatMap(({ tasks }) => [...tasks])),
    standing: writes.reduce<StorageWrite["standing"]>((last, each) => each.standing ?? last, null),
  };
}

/** All that an image holds as one write, which needs none before it. */
export function checkpointOf(image: DiskImage): WalWrite {
  const { hardState, snapshot, entries, tasks, standing } = image.load();
  const attached: NodePayload = { size: tasks.size, tasks, standing };
  const raft = { id: 0, hardState, snapshot, entries, compactTo: 0 };
  const holdsNothing = hardState === null && snapshot === null && entries.length === 0;
  return { wipesRaft: true, raft: holdsNothing ? [] : [raft], attached };
}

/** The write as it was given, but for its number. */
export function storageWrite(
  number: number,
  { wipesRaft, raft, attached }: WalWrite,
): StorageWrite {
  const { tasks = new Map(), standing = null } = (attached as NodePayload | null) ?? {};
  return { number, wipesRaft, raft, tasks, standing };
}
