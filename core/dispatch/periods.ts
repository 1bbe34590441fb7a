import type { Planted } from "../base/planted.ts";
import type { Random } from "../base/random.ts";
import { after, type Duration, type Instant, ms } from "../base/time.ts";
import { type ClusterSpec, newLeaderGrace } from "../model/cluster.ts";

/** What keeps agents apart. */
const jitter = ms(500);

/** When a node is to beat next: not all of them at the same moment. */
export function drawPeriod({ heartbeatPeriod: period }: ClusterSpec, random: Random): Duration {
  const spread = Math.min(jitter, Math.floor(period / 10));
  return (period - spread + random.below(2 * spread + 1)) as Duration;
}

/**
 * When a new leader misses a node that it has not heard of. Before `slowBeatsUntil` nodes may go by
 * a longer period than the present one.
 */
export function newLeaderDeadline(
  spec: ClusterSpec,
  { slowBeatsUntil, planted }: { readonly slowBeatsUntil: Instant; readonly planted: Planted },
  now: Instant,
): Instant {
  const from = planted === "O15" ? now : (Math.max(slowBeatsUntil, now) as Instant);
  return after(from, newLeaderGrace(spec));
}
