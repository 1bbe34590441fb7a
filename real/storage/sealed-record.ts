import { encode, frameAt } from "../../core/wal/frame.ts";
import { recordOf } from "../../core/wal/log.ts";
import type { PayloadCodec, WalWrite } from "../../core/wal/record.ts";
import { seal, unseal } from "./cipher.ts";
import type { DataKey, KeyFile } from "./key-file.ts";

/** Where a record lies. */
export interface RecordPlace {
  /** Counted up from 1. */
  readonly sequence: number;
  /** Of a checkpoint, which is one record in parts: 0 is the record itself, 1 what follows it. */
  readonly part: number;
}

/** One record, or a part of one, as it lies in the table. */
export interface SealedRecord extends RecordPlace {
  readonly bytes: Uint8Array;
}

interface OpenedRecord {
  /** The record as core wrote it. */
  readonly bytes: Uint8Array;
  /** So many parts follow that belong to it. */
  readonly parts: number;
}

const numberBytes = 4;

/**
 * A record of core's log, sealed under the key of now, the key's number before it, in a frame of
 * core's own: so its number can be found in the raw files too. Where `parts` follow it, their
 * number stands behind it, sealed with it.
 */
export function sealedRecord(
  place: RecordPlace,
  write: WalWrite,
  codec: PayloadCodec,
  { id, key }: DataKey,
  parts = 0,
): SealedRecord {
  const record = recordOf(place.sequence, write, codec);
  const whole = parts === 0 ? record : Buffer.concat([record, numberOf(parts)]);
  const sealed = seal(key, whole, nameOf(place));
  return { ...place, bytes: encode(place.sequence, Buffer.concat([numberOf(id), sealed])) };
}

/** What was sealed; null when it is not whole, or of another key. */
export function openedRecord({ bytes, ...place }: SealedRecord, keys: KeyFile) {
  const body = frameAt(bytes, 0)?.body;
  if (body === undefined || body.length < numberBytes) return null;
  const key = keys.keyOf(numberAt(body, 0));
  const opened = key === null ? null : unseal(key, body.subarray(numberBytes), nameOf(place));
  return opened === null ? null : split(opened);
}

function split(opened: Uint8Array): OpenedRecord | null {
  const end = frameAt(opened, 0)?.end;
  if (end === undefined) return null;
  if (end === opened.length) return { bytes: opened, parts: 0 };
  if (end + numberBytes !== opened.length) return null;
  return { bytes: opened.subarray(0, end), parts: numberAt(opened, end) };
}

function numberOf(value: number): Buffer {
  const bytes = Buffer.alloc(numberBytes);
  bytes.writeUInt32LE(value);
  return bytes;
}

function numberAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, numberBytes).getUint32(0, true);
}

/** What was sealed for one place opens in no other. */
function nameOf({ sequence, part }: RecordPlace): string {
  return part === 0 ? `record ${sequence}` : `part ${part} of record ${sequence}`;
}
