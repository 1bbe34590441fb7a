import { expect, test } from "vitest";
import { assert } from "../../../core/base/assert.ts";
import { sortedById } from "../../../core/base/order.ts";
import { callsOf, isOfCore } from "../../../sim/world/core-error.ts";

// Goal: what core throws is a failure of the run; what an observer or a test throws is not.

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("it does not throw");
}

test("an exception that core threw is core's, with the calls that led to it", () => {
  const error = thrownBy(() => sortedById([null, null] as never)) as Error;
  expect(isOfCore(error)).toBe(true);
  expect(callsOf(error)[0]).toMatch(/core\/base\/order\.[jt]s:\d+/);
  expect(callsOf(error)[0]).not.toContain("file:");
});

test("a failed assertion is core's wherever it stands", () => {
  const error = thrownBy(() => assert(false, "never"));
  expect(isOfCore(error)).toBe(true);
});

test("what anybody else throws is none of core's", () => {
  expect(isOfCore(thrownBy(() => expect(1).toBe(2)))).toBe(false);
  expect(isOfCore(thrownBy(() => (undefined as unknown as string).length))).toBe(false);
  expect(isOfCore("text")).toBe(false);
});
