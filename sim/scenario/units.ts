import type { Duration } from "../../core/base/time.ts";

/** A span of simulated time: `250us`, `20ms`, `1.5s`, `2m`, `1h`. */
export type Span = `${number}${"us" | "ms" | "s" | "m" | "h"}`;
/** An amount of memory: `64MiB`, `2GiB`. */
export type Memory = `${number}${"KiB" | "MiB" | "GiB"}`;
/** A lowest and a highest value; each run draws its own from between them. */
export type Range<T> = readonly [T, T];

const spanUnits: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
};
const memoryUnits: Readonly<Record<string, number>> = {
  KiB: 1024,
  MiB: 1024 * 1024,
  GiB: 1024 * 1024 * 1024,
};

/** A span such as `1.5s` or `-2m` in whole microseconds, or null when the text is not one. */
export function parseSpan(text: string): number | null {
  return parse(text, /^(-?\d+(?:\.\d+)?)(us|ms|s|m|h)$/, spanUnits);
}

/** An amount such as `512MiB` in bytes, or null when the text is not one. */
export function parseMemory(text: string): number | null {
  return parse(text, /^(\d+(?:\.\d+)?)(KiB|MiB|GiB)$/, memoryUnits);
}

/** A span that was checked before: throws on any other. */
export function span(text: string): Duration {
  const parsed = parseSpan(text);
  if (parsed === null || parsed < 0) throw new RangeError(`not a span of time: ${text}`);
  return parsed as Duration;
}

/** Whole microseconds, 0 or more, as a person would write them: `2m`, `11.83s`, `3.45ms`. */
export function spanText(us: number): Span {
  if (us === 0) return "0s";
  const whole = (["h", "m"] as const).find((unit) => us % (spanUnits[unit] as number) === 0);
  const unit = whole ?? (["s", "ms"] as const).find((each) => us >= (spanUnits[each] as number));
  return `${us / (spanUnits[unit ?? "us"] as number)}${unit ?? "us"}`;
}

/** The same of a time that may be negative. */
export function offsetText(us: number): Span | `-${Span}` {
  return us < 0 ? `-${spanText(-us)}` : spanText(us);
}

/** An amount that was checked before: throws on any other. */
export function memory(text: string): number {
  const parsed = parseMemory(text);
  if (parsed === null) throw new RangeError(`not an amount of memory: ${text}`);
  return parsed;
}

const billion = 1_000_000_000;

/** Billionths of a processor. */
export function nanoCpus(cpus: number): number {
  return Math.round(cpus * billion);
}

function parse(
  text: string,
  pattern: RegExp,
  units: Readonly<Record<string, number>>,
): number | null {
  const match = pattern.exec(text);
  const unit = units[match?.[2] ?? ""];
  if (match === null || unit === undefined) return null;
  return Math.round(Number(match[1]) * unit);
}
