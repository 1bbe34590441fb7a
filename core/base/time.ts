import { assert } from "./assert.ts";

declare const unit: unique symbol;

/** A span of time, in whole microseconds. Never negative. */
export type Duration = number & { readonly [unit]: "durationUs" };

/** A moment on one node's monotonic clock, in whole microseconds since that node booted. */
export type Instant = number & { readonly [unit]: "instantUs" };

/**
 * A moment of calendar time, in whole microseconds since 1970. Nodes disagree about it by their
 * skew, so it orders nothing across nodes; it stamps what the store keeps.
 */
export type Timestamp = number & { readonly [unit]: "timestampUs" };

/** What a node's two clocks show at one moment. */
export interface Moment {
  readonly now: Instant;
  readonly calendar: Timestamp;
}

/** The first moment of every node's clock. */
export const boot = 0 as Instant;

/** A moment that never comes: the deadline of whoever waits for nothing. */
export const never = Number.MAX_SAFE_INTEGER as Instant;

export const us = (count: number): Duration => duration(count);
export const ms = (count: number): Duration => duration(count * 1_000);
export const seconds = (count: number): Duration => duration(count * 1_000_000);
export const minutes = (count: number): Duration => seconds(count * 60);
export const hours = (count: number): Duration => minutes(count * 60);

/** `start` moved forward by `span`, on the same clock. */
export function after<T extends Instant | Timestamp>(start: T, span: Duration): T {
  return (start + span) as T;
}

/** The span between two moments of one monotonic clock. */
export function elapsed(start: Instant, end: Instant): Duration {
  assert(start <= end, "a monotonic clock does not run backwards");
  return (end - start) as Duration;
}

/** The span from `from` to `to`, or none when `to` has passed: calendars may run backwards. */
export function until(from: Timestamp, to: Timestamp): Duration {
  return Math.max(0, to - from) as Duration;
}

function duration(countUs: number): Duration {
  assert(Number.isSafeInteger(countUs), "durations are whole microseconds");
  assert(countUs >= 0, "durations are not negative");
  return countUs as Duration;
}
