/** The Castagnoli polynomial, its bits reversed (RFC 3720, appendix B.4). */
const polynomial = 0x82f63b78;

/** Bytes taken at a time: a checkpoint has many megabytes. */
const stride = 8;

type Four = [Int32Array, Int32Array, Int32Array, Int32Array];

/** For each place within a stride, from the last to the first, what a byte there comes to. */
const [t0, t1, t2, t3, t4, t5, t6, t7] = tablesOf(polynomial) as [...Four, ...Four];

/** The CRC-32C of `bytes` from `start` to `end`: finds any burst of errors up to 32 bits long. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = -1;
  let at = start;
  for (; at + stride <= end; at += stride) {
    crc =
      (t7[(crc ^ (bytes[at] as number)) & 0xff] as number) ^
      (t6[((crc >>> 8) ^ (bytes[at + 1] as number)) & 0xff] as number) ^
      (t5[((crc >>> 16) ^ (bytes[at + 2] as number)) & 0xff] as number) ^
      (t4[((crc >>> 24) ^ (bytes[at + 3] as number)) & 0xff] as number) ^
      (t3[bytes[at + 4] as number] as number) ^
      (t2[bytes[at + 5] as number] as number) ^
      (t1[bytes[at + 6] as number] as number) ^
      (t0[bytes[at + 7] as number] as number);
  }
  for (; at < end; at += 1) {
    crc = (crc >>> 8) ^ (t0[(crc ^ (bytes[at] as number)) & 0xff] as number);
  }
  return ~crc >>> 0;
}

function tablesOf(divisor: number): Int32Array[] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => remainderOf(byte, divisor));
  const found = [first];
  while (found.length < stride) {
    const before = found[found.length - 1] as Int32Array;
    found.push(before.map((crc) => (crc >>> 8) ^ (first[crc & 0xff] as number)));
  }
  return found;
}

/** What a byte does to the remainder, with nothing behind it. */
function remainderOf(byte: number, divisor: number): number {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    remainder = (remainder >>> 1) ^ ((remainder & 1) * divisor);
  }
  return remainder;
}
