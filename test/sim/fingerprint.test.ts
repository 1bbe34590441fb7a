import { expect, test } from "vitest";
import { messageCodes } from "../../sim/fingerprint.ts";

test("each kind of message has a number of its own in a run's digest", () => {
  const numbers = Object.values(messageCodes);
  expect(new Set(numbers).size).toBe(numbers.length);
});
