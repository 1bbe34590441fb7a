import fc from "fast-check";
import { expect, test } from "vitest";
import { compareText, sortedById, sortedText } from "../../../core/base/order.ts";

test("compareText() orders by code unit, not as a dictionary does", () => {
  expect(["b", "a", "B", "é", "z", "10", "9", ""].sort(compareText)).toEqual([
    "",
    "10",
    "9",
    "B",
    "a",
    "b",
    "z",
    "é",
  ]);
});

test("compareText() is a total order", () => {
  const text = fc.string({ unit: "binary", maxLength: 4 });
  fc.assert(
    fc.property(text, text, text, (a, b, c) => {
      expect(compareText(a, b) + compareText(b, a)).toBe(0);
      expect(compareText(a, b) === 0).toBe(a === b);
      if (compareText(a, b) <= 0 && compareText(b, c) <= 0) {
        expect(compareText(a, c)).toBeLessThanOrEqual(0);
      }
    }),
  );
});

test("sortedById() and sortedText() make new lists and leave their source alone", () => {
  const items = [{ id: "b" }, { id: "a" }];
  expect(sortedById(items)).toEqual([{ id: "a" }, { id: "b" }]);
  expect(items[0]?.id).toBe("b");
  expect(sortedText(new Set(["y", "x"]))).toEqual(["x", "y"]);
});
