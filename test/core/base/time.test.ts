import { expect, test } from "vitest";
import {
  after,
  boot,
  elapsed,
  hours,
  type Instant,
  minutes,
  ms,
  never,
  seconds,
  type Timestamp,
  until,
  us,
} from "../../../core/base/time.ts";

const instant = (count: number) => count as Instant;
const timestamp = (count: number) => count as Timestamp;

test("us(), ms(), seconds(), minutes() and hours() count whole microseconds", () => {
  expect(us(7)).toBe(7);
  expect(ms(2)).toBe(2_000);
  expect(ms(0.5)).toBe(500);
  expect(seconds(3)).toBe(3_000_000);
  expect(minutes(1)).toBe(60_000_000);
  expect(hours(24)).toBe(86_400_000_000);
});

test("a duration is whole, safe and not negative", () => {
  expect(() => us(0.5)).toThrow("durations are whole microseconds");
  expect(() => seconds(-1)).toThrow("durations are not negative");
  expect(() => hours(Number.MAX_SAFE_INTEGER)).toThrow("durations are whole microseconds");
  expect(() => us(Number.NaN)).toThrow("durations are whole microseconds");
});

test("after() and elapsed() undo each other on one clock", () => {
  expect(elapsed(boot, after(boot, ms(5)))).toBe(ms(5));
  expect(after(instant(10), us(5))).toBe(15);
  expect(elapsed(instant(4), instant(4))).toBe(0);
});

test("elapsed() takes a monotonic clock that runs backwards for a bug", () => {
  expect(() => elapsed(instant(2), instant(1))).toThrow("a monotonic clock does not run backwards");
});

test("until() is nothing when the calendar has passed the moment", () => {
  expect(until(timestamp(3), timestamp(10))).toBe(7);
  expect(until(timestamp(10), timestamp(3))).toBe(0);
});

test("never is later than any moment and is a number that can be counted with", () => {
  expect(Number.isSafeInteger(never)).toBe(true);
  expect(never).toBeGreaterThan(after(boot, hours(24 * 365 * 100)));
});
