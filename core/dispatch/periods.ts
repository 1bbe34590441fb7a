import type { Planted } from "../base/planted.ts";
import type { Random } from "../base/random.ts";
import { after, type Duration, type Instant, ms, seconds } from "../base/time.ts";
import { type ClusterSpec, newLeaderGrace } from "../model/cluster.ts";

/** What keeps agents apart. */
const jitter = ms(500);

/**
 * How long a cluster that was begun anew waits for its nodes at least, whoever leads it: as long as
 * SwarmKit does by its defaults after each change of the leader. An agent may ask six managers
 * first that are lost, each for two seconds, with as long a pause.
 */
const seekPatience = seconds(30);

/** When a node is to beat next: not all of them at the same moment. */
export function drawPeriod({ heartbeatPeriod: period }: ClusterSpec, random: Random): Duration {
  const spread = Math.min(jitter, Math.floor(period / 10));
  return (period - spread + random.below(2 * spread + 1)) as Duration;
}

/** What a new leader knows of those before it. */
interface TakingOver {
  readonly slowBeatsUntil: Instant;
  readonly tickInterval: Duration;
  readonly electionTimeout: Duration;
  readonly planted: Planted;
}

/**
 * When a new leader misses a node that it has not heard of. Before `slowBeatsUntil` nodes may go by
 * a longer period than the present one. And a leader before, that is cut off from the others, may
 * answer a node for an election timeout yet, until it finds out (Raft's `checkQuorum`), and for one
 * tick more, in the midst of which this leader may have begun to count its own. Only then the node
 * looks for another. Ours: SwarmKit waits for its six periods however short they are.
 */
export function newLeaderDeadline(
  spec: ClusterSpec,
  { slowBeatsUntil, tickInterval, electionTimeout, planted }: TakingOver,
  now: Instant,
): Instant {
  const from = planted === "O15" ? now : (Math.max(slowBeatsUntil, now) as Instant);
  const grace = (spec.heartbeatPeriod * spec.heartbeatGrace) as Duration;
  const answers = planted === "O17" ? 0 : electionTimeout + tickInterval;
  const found = after(now, (answers + grace) as Duration);
  return Math.max(after(from, newLeaderGrace(spec)), found) as Instant;
}

/** The same for a node that may ask managers first that are lost. */
export function seekingDeadline(deadline: Instant, now: Instant): Instant {
  return Math.max(deadline, after(now, seekPatience)) as Instant;
}
