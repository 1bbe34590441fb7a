import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSpan, spanText } from "../../../sim/scenario/units.ts";

test("a span is written as a person would write it", () => {
  expect(
    [0, 250, 3_450, 20_000, 1_500_000, 11_831_043, 120_000_000, 90_000_000].map(spanText),
  ).toEqual(["0s", "250us", "3.45ms", "20ms", "1.5s", "11.831043s", "2m", "90s"]);
  expect([5_400_000_000, 86_400_000_000].map(spanText)).toEqual(["90m", "24h"]);
});

test("parseSpan() reads whatever spanText() writes, to the microsecond", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 * 365 * 86_400 * 1_000_000 }), (us) => {
      expect(parseSpan(spanText(us))).toBe(us);
    }),
  );
});
