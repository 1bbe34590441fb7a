import { unreachable } from "../../core/base/assert.ts";
import type { Random } from "../../core/base/random.ts";
import type { Delays } from "../scenario/network-words.ts";

/** The natural logarithm of 2, to six digits. */
const ln2 = 693_147 / 1_000_000;

/** Of heavy-tailed delays one in this many takes this many means; the others share what is left. */
const tailOneIn = 50;
const tailTimes = 20;
const bodyShare = (tailOneIn - tailTimes) / (tailOneIn - 1);

/**
 * A delay that is exponentially distributed with the given mean, in whole microseconds. The
 * logarithm is taken by counting leading zeros and drawing a straight line between powers of two:
 * within 6 % of the true one, and the same on every engine, which `Math.log` is not.
 */
export function exponential(random: Random, mean: number): number {
  if (mean <= 0) return 0;
  const word = random.u32();
  const zeros = Math.clz32(word);
  const mantissa = zeros >= 31 ? 0 : ((word << (zeros + 1)) >>> 0) / 0x1_0000_0000;
  return Math.floor((zeros + 1 - mantissa) * ln2 * mean);
}

/** A delay in whole microseconds, spread around the mean as `delays` says. */
export function delayOf(random: Random, delays: Delays, mean: number): number {
  switch (delays) {
    case "exponential":
      return exponential(random, mean);
    case "fixed":
      return mean;
    case "uniform":
      return random.between(0, 2 * mean);
    case "heavy-tailed":
      return random.below(tailOneIn) === 0 ? tailTimes * mean : Math.floor(mean * bodyShare);
    default:
      return unreachable(delays);
  }
}
