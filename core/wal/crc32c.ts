/** The Castagnoli polynomial, its bits reversed (RFC 3720, appendix B.4). */
const polynomial = 0x82f63b78;

const table: readonly number[] = Object.freeze(tableOf(polynomial));

/** The CRC-32C of `bytes` from `start` to `end`: finds any burst of errors up to 32 bits long. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = 0xffffffff;
  for (let at = start; at < end; at += 1) {
    crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] as number)) & 0xff] as number);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** What each possible byte does to the remainder. */
function tableOf(divisor: number): number[] {
  return Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = (remainder >>> 1) ^ ((remainder & 1) * divisor);
    }
    return remainder >>> 0;
  });
}
