import type { Planted } from "../../core/base/planted.ts";
import { encode, headerBytes } from "../../core/wal/frame.ts";
import { scan } from "../../core/wal/scan.ts";

/**
 * R33, a reader that trusts what it finds: what lies behind damage is cut off without a word, and
 * a torn record counts as written, what is missing read as zeros.
 */
export function trustDamage(planted: Planted, bytes: Uint8Array): Uint8Array {
  if (planted !== "R33") return bytes;
  const found = scan([bytes], 1);
  if (found.kind === "corrupt") return bytes.slice(0, found.at.offset);
  if (found.torn < headerBytes) return bytes;
  const { offset } = found.end;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, headerBytes);
  const body = new Uint8Array(view.getUint32(4, true));
  body.set(bytes.subarray(offset + headerBytes));
  const record = encode(found.nextSequence, body);
  const all = new Uint8Array(offset + record.length);
  all.set(bytes.subarray(0, offset));
  all.set(record, offset);
  return all;
}
