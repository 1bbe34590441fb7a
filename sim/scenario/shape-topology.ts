import { z } from "zod";
import { newestLevel } from "../../core/model/level.ts";
import { count, driftBetween, interval, memory, processors, span } from "./check-values.ts";
import { labels, object, text } from "./shape-objects.ts";

/** The shape of the types in `topology-words.ts`. */

/** Of `MachineParts` in `fault-words.ts`. */
export const machineParts = {
  cpus: processors.optional(),
  memory: memory.optional(),
  generic: z.record(text, z.union([count(0), z.array(text)])).optional(),
  labels: labels.optional(),
  plugins: z.array(text).optional(),
};

const nodePlan = object({
  name: text.optional(),
  count: count(1, 10_000).optional(),
  ...machineParts,
  zone: text.optional(),
  joins: z.boolean().optional(),
  token: z.enum(["current", "first", "wrong"]).optional(),
  lives: count(1, 100).optional(),
  os: text.optional(),
  architecture: text.optional(),
  address: text.optional(),
});

export const snapshotPlan = {
  snapshotInterval: count(1, 1_000_000_000).optional(),
  logEntriesForSlowFollowers: count(0, 1_000_000_000).optional(),
};

const raft = object({
  tick: interval.optional(),
  heartbeatTicks: count(1).optional(),
  electionTicks: count(2).optional(),
  reads: z.enum(["safe", "lease"]).optional(),
  maxClockDriftPpm: driftBetween.optional(),
  ...snapshotPlan,
  snapshotChunkBytes: count(1, 1_000_000_000).optional(),
});

export const strategy = z.enum(["spread", "binpack"]);

export const clusterPlan = {
  heartbeatGrace: count(2).optional(),
  engineTimeout: interval.optional(),
  taskHistoryLimit: z.int().optional(),
  nodeDownPeriod: interval.optional(),
  certExpiry: interval.optional(),
  externalCas: z.array(text).optional(),
  outsideCas: z.array(text).optional(),
  autoLock: z.boolean().optional(),
  logDriver: text.optional(),
  strategy: strategy.optional(),
  preemption: z.boolean().optional(),
  drain: object({
    order: z.enum(["start-first", "stop-first"]).optional(),
    patience: span.optional(),
  }).optional(),
  rebalancePerMinute: count(0).optional(),
};

export const topology = object({
  managers: z.union([count(1, 10_000), z.array(nodePlan)]),
  workers: z.union([count(0, 10_000), z.array(nodePlan)]),
  raft: raft.optional(),
  heartbeat: interval.optional(),
  cluster: object(clusterPlan).optional(),
  level: count(1, newestLevel).optional(),
  defaultAddressPool: z.array(text).min(1).optional(),
  subnetSize: count(1, 32).optional(),
});
