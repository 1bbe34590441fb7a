import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Block,
  blockText,
  freeBlock,
  ipv4Text,
  lastOf,
  overlaps,
  parseBlock,
  parseIpv4,
} from "../../../core/model/ipv4.ts";

// Goal: addresses of IPv4 are read and written as people do, up to the highest; a block that is
// found free is free, and the lowest.
// Method: examples at the ends of the range, and random blocks against a search one by one.

const block = (text: string) => parseBlock(text) as Block;

describe("an address", () => {
  test("is a number, the highest too", () => {
    expect(parseIpv4("0.0.0.0")).toBe(0);
    expect(parseIpv4("10.0.1.5")).toBe(167_772_421);
    expect(parseIpv4("255.255.255.255")).toBe(4_294_967_295);
    for (const text of ["::1", "10.0.0", "10.0.0.256", ""]) expect(parseIpv4(text)).toBeNull();
  });

  test("comes back as it was written", () => {
    const number = fc.integer({ min: 0, max: 4_294_967_295 });
    fc.assert(fc.property(number, (each) => parseIpv4(ipv4Text(each)) === each));
  });
});

describe("a block", () => {
  test("begins where its prefix ends, whatever was written behind", () => {
    expect(blockText(block("10.5.0.7/28"))).toBe("10.5.0.0/28");
    expect(blockText(block("255.255.255.255/1"))).toBe("128.0.0.0/1");
    expect(lastOf(block("0.0.0.0/0"))).toBe(4_294_967_295);
    expect(lastOf(block("10.0.0.7/32"))).toBe(parseIpv4("10.0.0.7"));
    for (const text of ["fd00::/64", "10.0.0.0", "10.0.0.0/33"])
      expect(parseBlock(text)).toBeNull();
  });

  test("overlaps with those in it and those that it is in, and with no neighbour", () => {
    expect(overlaps(block("10.0.0.0/8"), block("10.200.1.0/24"))).toBe(true);
    expect(overlaps(block("10.200.1.0/24"), block("10.0.0.0/8"))).toBe(true);
    expect(overlaps(block("10.0.1.0/24"), block("10.0.2.0/24"))).toBe(false);
  });
});

test("freeBlock() finds the lowest block that is free", () => {
  const within = fc.record({
    first: fc.nat(255).map((at) => 167_772_160 + at),
    prefix: fc.integer({ min: 25, max: 30 }),
  });
  const taken = fc.array(
    within.map((each) => block(blockText(each))),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(taken, fc.integer({ min: 24, max: 30 }), (blocks, prefix) => {
      const pool = block("10.0.0.0/24");
      const size = lastOf({ first: 0, prefix }) + 1;
      let lowest: number | null = null;
      for (let first = pool.first; lowest === null && first <= lastOf(pool); first += size) {
        if (!blocks.some((each) => overlaps(each, { first, prefix }))) lowest = first;
      }
      expect(freeBlock(pool, prefix, blocks)?.first ?? null).toBe(lowest);
    }),
  );
});
