import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32c } from "../../../core/wal/crc32c.ts";

// Goal: the checksum is CRC-32C and nothing else. The values are those of RFC 3720, B.4; of any
// bytes it is what dividing them bit by bit leaves.

const ascending = Uint8Array.from({ length: 32 }, (_, at) => at);

test.each([
  ["nothing", new Uint8Array(0), 0],
  ["the digits 1 to 9", Uint8Array.from("123456789", (digit) => digit.charCodeAt(0)), 0xe3069283],
  ["32 zeros", new Uint8Array(32), 0x8a9136aa],
  ["32 bytes of ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["0 to 31", ascending, 0x46dd794e],
  ["31 to 0", ascending.slice().reverse(), 0x113fdb5c],
])("crc32c() of %s", (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

test("crc32c() of a part of some bytes", () => {
  expect(crc32c(ascending, 3, 9)).toBe(crc32c(ascending.slice(3, 9)));
});

test("crc32c() of any part of any bytes is what dividing them bit by bit leaves", () => {
  const parts = fc.tuple(fc.uint8Array({ maxLength: 60 }), fc.nat(60), fc.nat(60));
  fc.assert(
    fc.property(parts, ([bytes, first, length]) => {
      const start = Math.min(first, bytes.length);
      const end = Math.min(start + length, bytes.length);
      expect(crc32c(bytes, start, end)).toBe(bitByBit(bytes.subarray(start, end)));
    }),
  );
});

function bitByBit(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}
