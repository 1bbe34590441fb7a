import type { Duration, Timestamp } from "../../core/base/time.ts";
import { type Codec, mapped, single, WireError } from "./codec.ts";
import { record } from "./messages.ts";
import { varint } from "./wire-bytes.ts";

const microsPerSecond = 1_000_000;

/** A whole number, as far as JavaScript has them: `|n| < 2^53`. */
export const integer = single<number>(varint, {
  write: (out, value) => out.varint(value),
  read: (from) => {
    const value = from.varint();
    if (!Number.isSafeInteger(value)) throw new WireError("is too large a number");
    return value;
  },
  missing: () => 0,
  isZero: (value) => value === 0,
  shape: { kind: "scalar", type: "int64" },
});

/** A whole number from 0 on. */
export const whole: Codec<number> = mapped(integer, same, (value) => {
  if (value < 0) throw new WireError(`is ${value}: it must not be below 0`);
  return value;
});

function same(value: number): number {
  return value;
}

interface Span {
  readonly seconds: number;
  readonly nanos: number;
}

const spanFields = { seconds: integer, nanos: integer };

/**
 * Whole microseconds as protobuf's seconds and nanoseconds. What could not be read again is not
 * written either: a node that ends loses less than one whose disk can't be read.
 */
function span<T extends number>(name: string): Codec<T> {
  const into = (value: T): Span => {
    if (!Number.isSafeInteger(value)) throw new WireError(`${name} ${value} is too far away`);
    const seconds = Math.floor(value / microsPerSecond);
    return { seconds, nanos: (value - seconds * microsPerSecond) * 1000 };
  };
  const outOf = ({ seconds, nanos }: Span): T => {
    if (nanos % 1000 !== 0) throw new WireError("is finer than a microsecond");
    const value = seconds * microsPerSecond + nanos / 1000;
    if (!Number.isSafeInteger(value)) throw new WireError("is too far away");
    return value as T;
  };
  return mapped(record<Span>(`google.protobuf.${name}`, spanFields), into, outOf);
}

export const timestamp: Codec<Timestamp> = span<Timestamp>("Timestamp");

export const duration: Codec<Duration> = mapped(
  span<Duration>("Duration"),
  (value) => value,
  (value) => {
    if (value < 0) throw new WireError("is below 0: durations never are");
    return value;
  },
);

/** An enumeration whose numbers are the model's own. */
export function numbered<T extends number>(
  name: string,
  values: Readonly<Record<string, T>>,
): Codec<T> {
  const known = new Set<number>(Object.values(values));
  const knownOf = (value: number) => {
    if (!known.has(value)) throw new WireError(`has the unknown value ${value}`);
    return value as T;
  };
  return single<T>(varint, {
    write: (out, value) => out.varint(value),
    read: (from) => knownOf(from.int32()),
    missing: () => knownOf(0),
    isZero: (value) => value === 0,
    shape: { kind: "enum", name, values: new Map(Object.entries(values)) },
  });
}
