import fc from "fast-check";
import { expect, test } from "vitest";
import { Digest, digestOf } from "../../sim/digest.ts";

// Goal: equal values digest equally, whatever their history; different ones differently.
// Method: pairs that a careless encoding confuses, then random plain values.

const plain = fc.jsonValue({ maxDepth: 3 });

test("digestOf() gives sixteen hexadecimal digits, the same in every version", () => {
  expect(digestOf({ name: "web", replicas: 3 })).toBe("f9fab20b7b8a515b");
});

test("digestOf() does not depend on the order of keys, nor on a Map's or a Set's", () => {
  const same = [
    { a: 1, b: [2, "x"], c: null },
    { c: null, b: [2, "x"], a: 1 },
    new Map<string, unknown>([
      ["b", [2, "x"]],
      ["a", 1],
      ["c", null],
    ]),
  ];
  expect(new Set(same.map(digestOf)).size).toBe(1);
  expect(digestOf(new Set(["x", "y"]))).toBe(digestOf(new Set(["y", "x"])));
});

test("digestOf() does not depend on what is shared", () => {
  const shared = { image: "web:1", args: ["a"] };
  expect(digestOf([shared, shared])).toBe(digestOf([shared, structuredClone(shared)]));
});

test("digestOf() leaves out fields that are undefined", () => {
  expect(digestOf({ a: 1, b: undefined })).toBe(digestOf({ a: 1 }));
});

test("digestOf() tells apart what a careless encoding confuses", () => {
  const values = [
    ["a", "bc"],
    ["ab", "c"],
    ["abc"],
    "abc",
    [["a"], "bc"],
    [],
    [[]],
    [[], []],
    {},
    { a: "" },
    "",
    0,
    "0",
    1,
    "1",
    true,
    false,
    null,
    [null],
    0.5,
    "0.5",
    2 ** 32,
    -1,
    2 ** 32 - 1,
    -(2 ** 32),
    { a: { b: 1 } },
    { a: {}, b: 1 },
    "é",
    "e\u0301",
    "\ud800",
  ];
  const digests = values.map((value) => [digestOf(value), value] as const);
  const byDigest = new Map<string, unknown>();
  for (const [digest, value] of digests) {
    expect(byDigest.get(digest), JSON.stringify(value)).toBeUndefined();
    byDigest.set(digest, value);
  }
});

test("digestOf() agrees with equality on random plain values", () => {
  fc.assert(
    fc.property(plain, plain, (left, right) => {
      expect(digestOf(left)).toBe(digestOf(structuredClone(left)));
      expect(digestOf(left) === digestOf(right)).toBe(canonical(left) === canonical(right));
    }),
  );
});

test("Digest.number() tells whole numbers of either sign apart", () => {
  const whole = fc.maxSafeInteger();
  fc.assert(
    fc.property(whole, whole, (left, right) => {
      const same = new Digest().number(left).hex() === new Digest().number(right).hex();
      expect(same).toBe(left === right);
    }),
  );
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 31), max: -1 }), (negative) => {
      const digest = new Digest().number(negative).hex();
      expect(digest).not.toBe(new Digest().number(negative + 2 ** 32).hex());
    }),
  );
});

test("Digest depends on the order of what is folded in", () => {
  expect(new Digest().number(1).number(2).hex()).not.toBe(new Digest().number(2).number(1).hex());
  expect(new Digest().text("a").text("b").hex()).not.toBe(new Digest().text("b").text("a").hex());
});

test("Digest.words() are the two halves of Digest.hex()", () => {
  const digest = new Digest().text("simswarm");
  const [left, right] = digest.words();
  const hex = [left, right].map((word) => word.toString(16).padStart(8, "0")).join("");
  expect(hex).toBe(digest.hex());
});

/** Sorted keys; -0 and 0 are the same number. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (item === 0) return 0;
    if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
    const entries = Object.entries(item).sort(([left], [right]) => (left < right ? -1 : 1));
    return entries.flat().concat("object");
  });
}
