import { expect, test } from "vitest";
import { found, gathered } from "../../../core/base/gather.ts";

test("what is found for each item keeps the order, and what is missing leaves no gap", () => {
  const lengths = new Map<string, number | null>([
    ["one", 3],
    ["none", null],
    ["empty", 0],
  ]);
  expect(found(["empty", "gone", "none", "one"], (name) => lengths.get(name))).toEqual([0, 3]);
});

test("the lists of all items become one", () => {
  const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);
  expect(gathered(new Set([2, 0, 3]), upTo)).toEqual([0, 1, 0, 1, 2]);
  expect(gathered([], upTo)).toEqual([]);
});
