import type { Random } from "../base/random.ts";
import { type Duration, ms } from "../base/time.ts";
import type { ClusterSpec } from "../model/cluster.ts";

/** A new leader waits for so many graces until it misses a node (SwarmKit: 6 periods for 3). */
const newLeaderGraces = 2;
/** What keeps agents apart. */
const jitter = ms(500);

/** When a node is to beat next: not all of them at the same moment. */
export function drawPeriod({ heartbeatPeriod: period }: ClusterSpec, random: Random): Duration {
  const spread = Math.min(jitter, Math.floor(period / 10));
  return (period - spread + random.below(2 * spread + 1)) as Duration;
}

/** How long a new leader waits for a node that it has not heard of. */
export function newLeaderGrace({ heartbeatPeriod, heartbeatGrace }: ClusterSpec): Duration {
  return (heartbeatPeriod * heartbeatGrace * newLeaderGraces) as Duration;
}
