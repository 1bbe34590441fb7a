import fc from "fast-check";
import { expect, test } from "vitest";
import { isEqual } from "../../../core/base/equal.ts";

// Goal: two plain values are equal when nothing in them differs, wherever they came from.

test("isEqual() sees every difference of plain values", () => {
  const plain = fc.object({ values: [fc.integer(), fc.string(), fc.boolean()] });
  fc.assert(
    fc.property(plain, plain, (left, right) => {
      expect(isEqual(left, structuredClone(left))).toBe(true);
      let isSame = true;
      try {
        expect(left).toStrictEqual(right);
      } catch {
        isSame = false;
      }
      expect(isEqual(left, right)).toBe(isSame);
    }),
    { numRuns: 200 },
  );
});

test.each([
  [[1, 2], [1, 2], true],
  [[1, 2], [2, 1], false],
  [[1], [1, 2], false],
  [[], {}, false],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  [{ a: 1 }, { b: 1 }, false],
  [{ a: null }, { a: {} }, false],
  [new Map([["a", 1]]), new Map([["a", 1]]), true],
  [new Map([["a", 1]]), new Map([["a", 2]]), false],
  [new Map([["a", 1]]), new Map([["b", 1]]), false],
  [new Map(), {}, false],
  [{}, new Map(), false],
  ["1", 1, false],
])("isEqual(%j, %j) is %j", (left, right, expected) => {
  expect(isEqual(left, right)).toBe(expected);
});
