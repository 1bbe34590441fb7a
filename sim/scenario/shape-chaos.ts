import { z } from "zod";
import { buggifyPoints } from "../../core/base/situations.ts";
import { count, driftSize, interval, percent, range, span, usersMax } from "./check-values.ts";
import { delays, partitionMode } from "./shape-faults.ts";
import { keysOf, object } from "./shape-objects.ts";

/** The shape of the types in `chaos-words.ts`. */

const often = object({ every: range(interval) });
const lasting = object({ every: range(interval), lasting: range(span) });
const down = object({ every: range(interval), downFor: range(span) });

export const chaos = object({
  from: span,
  until: span,
  everyKind: z.boolean().optional(),
  crashes: down.optional(),
  kills: down.optional(),
  crashLoops: object({ every: range(interval), times: range(count(1, 1_000)) }).optional(),
  pauses: lasting.optional(),
  freezes: lasting.optional(),
  partitions: object({
    every: range(interval),
    lasting: range(span),
    modes: z.array(partitionMode).min(1).optional(),
  }).optional(),
  flapping: lasting.optional(),
  clogs: lasting.optional(),
  clockSkew: range(span).optional(),
  clockDriftPpm: range(driftSize).optional(),
  clockJumps: object({ every: range(interval), ahead: range(span) }).optional(),
  loss: range(percent).optional(),
  duplicates: range(percent).optional(),
  reordering: range(percent).optional(),
  latencyMean: range(span).optional(),
  delays: z.array(delays).min(1).optional(),
  capacity: range(count(1)).optional(),
  diskLatencyMean: range(span).optional(),
  diskFailures: often.optional(),
  fullDisks: lasting.optional(),
  diskDamage: down.optional(),
  quorumLosses: object({
    every: range(interval),
    downFor: range(span),
    backups: often.optional(),
  }).optional(),
  departures: down.optional(),
  containerCrashes: often.optional(),
  unhealthy: often.optional(),
  pullFailures: range(percent).optional(),
  startFailures: range(percent).optional(),
  startMean: range(span).optional(),
  daemonHangs: lasting.optional(),
  meddling: often.optional(),
  refits: lasting.optional(),
  upgrades: object({ every: range(interval) }).optional(),
  forgeries: often.optional(),
  authorities: lasting.optional(),
  commands: object({
    every: range(interval),
    users: count(1, usersMax).optional(),
    creates: count(0).optional(),
    everything: z.boolean().optional(),
    upkeep: z.boolean().optional(),
    odd: z.boolean().optional(),
    particular: z.boolean().optional(),
    hasty: z.boolean().optional(),
    scarce: z.boolean().optional(),
  }).optional(),
  buggify: z.union([z.literal(true), z.array(z.enum(keysOf(buggifyPoints)))]).optional(),
});
