import { parseSpan } from "../scenario/units.ts";
import { WrongInput } from "./exit-codes.ts";
import type { SeedBlock } from "./seed-blocks.ts";

/** The value of a flag that takes a whole number from 1 on. @throws WrongInput */
export function wholeNumber(flag: string, text: string, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= most) return value;
  throw new WrongInput(`${flag} ${text}: write a whole number from 1 to ${most}`);
}

/** The microseconds of a flag that takes a span of time, at least one. @throws WrongInput */
export function microseconds(flag: string, text: string): number {
  const us = parseSpan(text);
  if (us !== null && us > 0 && Number.isSafeInteger(us)) return us;
  throw new WrongInput(`${flag} ${text}: write a span of time, such as 90s, 10m or 1.5h`);
}

/** The seeds that `--seeds A..B` names. @throws WrongInput */
export function seedRange(text: string): SeedBlock {
  const match = /^(\d+)\.\.(\d+)$/.exec(text);
  if (match === null) {
    throw new WrongInput(`--seeds ${text}: write two whole numbers, such as 1..200`);
  }
  const [first, last] = [Number(match[1]), Number(match[2])];
  if (first > last) {
    throw new WrongInput(`--seeds ${text}: the range descends; write the lower number first`);
  }
  if (!Number.isSafeInteger(last)) {
    throw new WrongInput(`--seeds ${text}: the numbers are too large`);
  }
  return { first, last };
}
