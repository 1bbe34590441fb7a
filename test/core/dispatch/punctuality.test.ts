import { expect, test } from "vitest";
import { type Instant, ms, seconds } from "../../../core/base/time.ts";
import { Punctuality } from "../../../core/dispatch/punctuality.ts";

const period = seconds(5);
const grace = seconds(15);

/** Beats that come so many milliseconds late, one after another. */
function beaten(lateness: readonly number[]): Punctuality {
  const punctuality = new Punctuality();
  let now = 0;
  for (const late of [0, ...lateness]) {
    now += period + late * 1_000;
    punctuality.beat(now as Instant, period);
  }
  return punctuality;
}

test("a punctual node is allowed nothing more", () => {
  expect(new Punctuality().allowance(grace)).toBe(0);
  expect(beaten(new Array(50).fill(0)).allowance(grace)).toBe(0);
});

test("a node whose beats come late and unevenly is allowed more than it was ever late", () => {
  const lateness = Array.from({ length: 60 }, (_, at) => (at % 3 === 0 ? 3_000 : 0));
  expect(beaten(lateness).allowance(grace)).toBeGreaterThan(ms(3_000));
});

test("a node that is punctual again is soon allowed little", () => {
  const lateness = [...new Array(30).fill(2_000), ...new Array(60).fill(0)];
  expect(beaten(lateness).allowance(grace)).toBeLessThan(ms(50));
});

test("no node is allowed more than twice its grace", () => {
  const lateness = Array.from({ length: 90 }, (_, at) => (at % 2 === 0 ? 60_000 : 0));
  expect(beaten(lateness).allowance(grace)).toBe(grace);
});

test("what lies between two sessions is no lateness", () => {
  const punctuality = beaten([0, 0, 0]);
  punctuality.restart();
  punctuality.beat(seconds(4_000) as number as Instant, period);
  expect(punctuality.allowance(grace)).toBe(0);
});
