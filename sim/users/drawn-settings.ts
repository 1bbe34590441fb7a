import type { Random } from "../../core/base/random.ts";
import type { Settings } from "../scenario/dsl.ts";
import type { Span } from "../scenario/units.ts";

/** One or the other setting of the cluster, within what a cluster in trouble can bear. */
export function drawSettings(random: Random): Settings {
  return random.pick([
    () => ({ heartbeat: `${random.between(2, 8)}s` as Span }),
    () => ({ heartbeatGrace: random.between(2, 5) }),
    () => ({ engineTimeout: `${random.between(20, 90)}s` as Span }),
    () => ({ taskHistoryLimit: random.between(-1, 5) }),
    () => ({ nodeDownPeriod: `${random.between(20, 120)}s` as Span }),
    () => ({
      drain: {
        order: random.pick(["start-first", "stop-first"] as const),
        patience: `${random.between(5, 60)}s` as Span,
      },
    }),
    () => ({ strategy: random.pick(["spread", "binpack"] as const) }),
    () => ({ preemption: random.chance(500_000) }),
    () => ({ rebalancePerMinute: random.between(0, 6) }),
    () => ({
      snapshotInterval: random.between(1, 300),
      logEntriesForSlowFollowers: random.below(50),
    }),
  ])();
}

/** Settings that few clusters change. */
export function drawRareSettings(random: Random): Settings {
  return random.pick<Settings>([
    { logDriver: random.pick(["json-file", "local", "none"]) },
    ...authorities,
  ]);
}

/** Most often some for the root that only they hold, so that it may become the cluster's. */
const authorities: readonly Settings[] = [
  { externalCas: [] },
  { externalCas: ["north"] },
  { externalCas: ["north", "south"] },
  { externalCas: ["north"], outsideCas: ["west"] },
  { outsideCas: ["south", "west"] },
];
