import type { Duration, Instant, Timestamp } from "../base/time.ts";

/**
 * One node's view of time. Only `core/node/shell.ts` holds a Clock: state machines are told the
 * time in their inputs, since a machine that could ask would answer differently on replay.
 */
export interface Clock {
  /** Monotonic: never less than an earlier answer on this node, and unrelated to any other node. */
  now(): Instant;

  /** The calendar, as far as this machine knows it: may be skewed, may jump, may run backwards. */
  calendar(): Timestamp;

  /**
   * Calls `wake` once, no sooner than `delay` from now. A later call replaces an earlier one, and
   * costs little: it comes with most of what a node hears.
   */
  wakeAfter(delay: Duration, wake: () => void): void;
}
