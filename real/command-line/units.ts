import { InvalidArgumentError } from "commander";
import { type Duration, us } from "../../core/base/time.ts";

/** Words of the command line as values; what they can't be is said with what they could. */

const spanUnits: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
};
const spanPart = /(\d+(?:\.\d+)?)(us|ms|s|m|h|d)/g;

/** `90s`, `1m30s`, `1.5h`, `0`. */
export function durationOf(text: string): Duration {
  if (text === "0") return us(0);
  const parts = [...text.matchAll(spanPart)];
  const isWhole = parts.map(([part]) => part).join("") === text;
  if (parts.length === 0 || !isWhole) {
    throw new InvalidArgumentError(`'${text}' is no time span: write 30s, 1m30s, 500ms or 2h.`);
  }
  const total = parts.reduce((sum, [, count, unit]) => {
    return sum + Number(count) * (spanUnits[unit as string] as number);
  }, 0);
  return us(counted(text, total));
}

/** How long something may take: a span that is not 0. */
export function patienceOf(text: string): Duration {
  const patience = durationOf(text);
  if (patience > 0) return patience;
  throw new InvalidArgumentError(`'${text}' leaves no time: write 30s, 1m30s, 500ms or 2h.`);
}

/** The nearest whole number. */
function counted(text: string, amount: number): number {
  if (amount <= Number.MAX_SAFE_INTEGER) return Math.round(amount);
  throw new InvalidArgumentError(`'${text}' is more than can be counted: write less.`);
}

const powers: Readonly<Record<string, number>> = { "": 0, b: 0, k: 1, m: 2, g: 3, t: 4 };

/** `512m`, `1.5GiB`, `1073741824`: powers of 1024, as Docker has them. */
export function bytesOf(text: string): number {
  const found = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(text.trim());
  const power = powers[(found?.[2] ?? "").toLowerCase()];
  if (found === null || power === undefined) {
    throw new InvalidArgumentError(`'${text}' is no amount of memory: write 512m, 1g or 1.5GiB.`);
  }
  return counted(text, Number(found[1]) * 1024 ** power);
}

/** Processors as billionths: `0.5`, `2`. */
export function nanoCpusOf(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) {
    throw new InvalidArgumentError(`'${text}' is no number of processors: write 2 or 0.5.`);
  }
  return counted(text, Number(text) * 1e9);
}

export function countOf(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count)) {
    throw new InvalidArgumentError(`'${text}' is no count: write a whole number from 0 on.`);
  }
  return count;
}

/** `host:port`, `[::1]:port`. */
export function addressOf(text: string): string {
  const port = Number(/^(?:\[[0-9a-f:]+\]|[^:]+):(\d+)$/i.exec(text)?.[1]);
  if (Number.isInteger(port) && port <= 65_535) return text;
  throw new InvalidArgumentError(
    `'${text}' is no address: write host:port, such as 10.0.0.1:4242.`,
  );
}

/** Less than 0 too. */
export function integerOf(text: string): number {
  const found = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(found)) {
    throw new InvalidArgumentError(`'${text}' is no whole number.`);
  }
  return found;
}

/** A share from 0 to 1 in millionths. */
export function ppmOf(text: string): number {
  const ratio = Number(text);
  if (text.trim() === "" || !(ratio >= 0 && ratio <= 1)) {
    throw new InvalidArgumentError(`'${text}' is no ratio: write a number from 0 to 1.`);
  }
  return Math.round(ratio * 1e6);
}

/** Of an option that may be given several times. */
export function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** `key=value`, and `key` alone as an empty value. */
export function pairOf(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (text === "" || at === 0) {
    throw new InvalidArgumentError(`'${text}' has no key: write key=value.`);
  }
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/** How long ago, roughly: `3 minutes ago`. */
export function agoText(micros: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round(nowMs / 1000 - micros / 1e6));
  const steps = [
    [86_400 * 2, 86_400, "days"],
    [3_600 * 2, 3_600, "hours"],
    [60 * 2, 60, "minutes"],
  ] as const;
  const step = steps.find(([from]) => seconds >= from);
  const [, size, unit] = step ?? [0, 1, "seconds"];
  return `${Math.floor(seconds / size)} ${unit} ago`;
}
