import { assert } from "../base/assert.ts";
import { crc32c } from "./crc32c.ts";

/**
 * One record as it lies on the disk; numbers are little-endian.
 *
 *      0  magic, which is also the version of the format
 *      4  length of the body in bytes
 *      8  sequence number, eight bytes: each record's is one more than that of the one before
 *     16  CRC-32C of the body
 *     20  CRC-32C of the twenty bytes before
 *     24  body
 *
 * The header has a checksum of its own, so that a wrong length is found without reading a body of
 * that length, and a search for later records does not take a body for a header.
 */
export interface Frame {
  readonly sequence: number;
  readonly body: Uint8Array;
  /** Where the next record begins. */
  readonly end: number;
}

export const headerBytes = 24;
const headerCheckAt = 20;
const magic = 0x314c_4157;
const high = 0x1_0000_0000;

/** The bytes of one record; `1 <= sequence < 2^53`. */
export function encode(sequence: number, body: Uint8Array): Uint8Array {
  assert(Number.isSafeInteger(sequence) && sequence > 0, "records are numbered from 1");
  const bytes = new Uint8Array(headerBytes + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, body.length, true);
  view.setUint32(8, sequence % high, true);
  view.setUint32(12, Math.floor(sequence / high), true);
  view.setUint32(16, crc32c(body), true);
  view.setUint32(headerCheckAt, crc32c(bytes, 0, headerCheckAt), true);
  bytes.set(body, headerBytes);
  return bytes;
}

/** The number of the record whose undamaged header begins at `at`; null when there is none. */
export function sequenceAt(bytes: Uint8Array, at: number): number | null {
  if (bytes.length - at < headerBytes) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, headerBytes);
  if (view.getUint32(0, true) !== magic) return null;
  if (view.getUint32(headerCheckAt, true) !== crc32c(bytes, at, at + headerCheckAt)) return null;
  const sequence = view.getUint32(12, true) * high + view.getUint32(8, true);
  return Number.isSafeInteger(sequence) ? sequence : null;
}

/** The whole and undamaged record that begins at `at`; null when there is none. */
export function frameAt(bytes: Uint8Array, at: number): Frame | null {
  const sequence = sequenceAt(bytes, at);
  if (sequence === null) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, headerBytes);
  const end = at + headerBytes + view.getUint32(4, true);
  if (end > bytes.length) return null;
  if (crc32c(bytes, at + headerBytes, end) !== view.getUint32(16, true)) return null;
  return { sequence, body: bytes.subarray(at + headerBytes, end), end };
}
