import { encode, frameAt } from "../../core/wal/frame.ts";
import { recordOf } from "../../core/wal/log.ts";
import type { PayloadCodec, WalWrite } from "../../core/wal/record.ts";
import { seal, unseal } from "./cipher.ts";
import type { DataKey, KeyFile } from "./key-file.ts";
import type { SealedRecord } from "./record-table.ts";

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
