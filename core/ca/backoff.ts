import type { Random } from "../base/random.ts";
import { type Duration, hours, seconds } from "../base/time.ts";

/** SwarmKit's, for a node whose certificate is still good (`RenewTLSExponentialBackoff`). */
const patient = { first: seconds(5), most: hours(1) };
/** SwarmKit's for a node that waits for a certificate, and cannot work until it has one. */
const urgent = { first: seconds(1), most: seconds(30) };

/** How long to wait after the `failures`th failure in a row, at random within its later half. */
export function backoff(failures: number, isUrgent: boolean, random: Random): Duration {
  const { first, most } = isUrgent ? urgent : patient;
  let wait: number = first;
  for (let failure = 1; failure < failures && wait < most; failure += 1) wait *= 2;
  const longest = Math.min(wait, most);
  const half = Math.floor(longest / 2);
  return (longest - random.below(half)) as Duration;
}
