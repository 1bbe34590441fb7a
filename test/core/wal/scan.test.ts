import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encode, headerBytes } from "../../../core/wal/frame.ts";
import { describeCorruption, type Scan, scan } from "../../../core/wal/scan.ts";

// Goal: what was acknowledged is read again or its loss is told, whatever a crash does to the tail
// and whatever a bad disk does to the rest.

const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 8 });

function logOf(contents: readonly Uint8Array[], first = 1): Uint8Array[] {
  return contents.map((body, at) => encode(first + at, body));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function bodiesOf({ frames }: Scan): Uint8Array[] {
  return frames.map(({ body }) => Uint8Array.from(body));
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
}

test("scan() of an empty log finds nothing, and the first record goes to its start", () => {
  const end = { segment: 0, offset: 0 };
  const empty = { kind: "intact", frames: [], end, torn: 0, nextSequence: 1 };
  expect(scan([], null)).toEqual(empty);
  expect(scan([new Uint8Array(0)], null)).toEqual(empty);
});

test("a log cut at any byte gives all records that were whole, and the cut is told", () => {
  fc.assert(
    fc.property(bodies, fc.double({ min: 0, max: 1, noNaN: true }), (contents, where) => {
      const records = logOf(contents);
      const all = joined(records);
      const cut = Math.floor(where * all.length);
      let whole = 0;
      let end = 0;
      while (end + (records[whole]?.length ?? Number.POSITIVE_INFINITY) <= cut) {
        end += (records[whole] as Uint8Array).length;
        whole += 1;
      }
      const found = scan([all.slice(0, cut)], 1);
      expect(bodiesOf(found)).toEqual(contents.slice(0, whole));
      expect(found).toMatchObject({ kind: "intact", end: { offset: end }, torn: cut - end });
      expect(found).toMatchObject({ nextSequence: whole + 1 });
    }),
  );
});

test("any flipped bit is cut off with the last record, or refused with its place", () => {
  fc.assert(
    fc.property(bodies, fc.nat(), fc.boolean(), (contents, draw, known) => {
      const records = logOf(contents, 7);
      const all = joined(records);
      const bit = draw % (all.length * 8);
      const found = scan([flipped(all, bit)], known ? 7 : null);
      let damaged = 0;
      let start = 0;
      while (start + (records[damaged] as Uint8Array).length <= bit >> 3) {
        start += (records[damaged] as Uint8Array).length;
        damaged += 1;
      }
      expect(bodiesOf(found)).toEqual(contents.slice(0, damaged));
      const isLast = damaged === contents.length - 1;
      expect(found.kind).toBe(isLast ? "intact" : "corrupt");
      if (found.kind === "corrupt") expect(found.at).toEqual({ segment: 0, offset: start });
      else expect(found.end).toEqual({ segment: 0, offset: start });
    }),
    { numRuns: 1000 },
  );
});

test("scan() of garbage, alone or behind a log, answers and never throws", () => {
  fc.assert(
    fc.property(bodies, fc.uint8Array({ maxLength: 200 }), (contents, garbage) => {
      expect(scan([garbage], null)).toMatchObject({ kind: "intact", torn: garbage.length });
      const found = scan([joined([...logOf(contents), garbage])], 1);
      expect(found).toMatchObject({ kind: "intact", torn: garbage.length });
      expect(bodiesOf(found)).toEqual(contents);
    }),
  );
});

test("a log in segments is read as one, wherever it is divided", () => {
  fc.assert(
    fc.property(bodies, fc.nat({ max: 8 }), (contents, at) => {
      const records = logOf(contents);
      const segments = [joined(records.slice(0, at)), joined(records.slice(at))];
      expect(bodiesOf(scan(segments, 1))).toEqual(contents);
    }),
  );
});

describe("a log is refused", () => {
  const [first, second, third] = logOf([Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)]) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];

  test("when the end of a segment is missing and another follows", () => {
    const found = scan([joined([first, second.slice(0, 9)]), third], 1);
    expect(found).toMatchObject({ kind: "corrupt", at: { segment: 0, offset: first.length } });
    expect(found).toMatchObject({ sequence: 2, next: { segment: 1, offset: 0, sequence: 3 } });
  });

  test("when a segment is missing", () => {
    expect(scan([first, third], 1)).toMatchObject({ kind: "corrupt", sequence: 2 });
    expect(scan([second, third], 1)).toMatchObject({ kind: "corrupt", sequence: 1 });
  });

  test("with words that say where it is, what is lost, what is intact and what to do", () => {
    const found = scan([joined([first, flipped(second, 8 * headerBytes), third])], 1);
    const words = found.kind === "corrupt" ? describeCorruption(found) : "";
    expect(words).toContain(`record 2 at byte ${first.length} of segment 0 is damaged`);
    expect(words).toContain("the 1 records before it, up to 1, are intact");
    expect(words).toContain("remove it from the cluster, delete its state and let it join again");
  });
});

test("records of an earlier use of the same space are a tail to be cut", () => {
  const old = logOf([Uint8Array.of(1), Uint8Array.of(2)], 3);
  const found = scan([joined([...logOf([Uint8Array.of(9)], 5), ...old])], 5);
  expect(found).toMatchObject({ kind: "intact", nextSequence: 6 });
});
