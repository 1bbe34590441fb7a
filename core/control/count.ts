import { limits } from "../base/limits.ts";
import type { Duration } from "../base/time.ts";

/** Why a span can't be kept, or null; `what` begins the sentence. */
export function spanProblem(what: string, span: Duration): string | null {
  if (span < 0) return `${what} cannot be negative`;
  return span <= limits.longestSpan ? null : `${what} must be at most 100 years (876000h)`;
}

/** True for a whole number from 0 on. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
