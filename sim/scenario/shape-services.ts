import { z } from "zod";
import { count, interval, memory, percent, platform, range, share, span } from "./check-values.ts";
import { labels, object, text } from "./shape-objects.ts";
import { strategy } from "./shape-topology.ts";

/** The shape of the types in `service-words.ts`. */

const generic = z.record(text, count(0));

const update = object({
  parallelism: count(0).optional(),
  delay: span.optional(),
  failureAction: z.enum(["pause", "continue", "rollback"]).optional(),
  monitor: span.optional(),
  maxFailureRatio: share.optional(),
  order: z.enum(["stop-first", "start-first"]).optional(),
  progressDeadline: span.optional(),
});

const port = object({
  target: count(1, 65_535),
  published: count(1, 65_535).optional(),
  protocol: z.enum(["tcp", "udp", "sctp"]).optional(),
  mode: z.enum(["ingress", "host"]).optional(),
});

export const servicePlan = {
  image: text,
  mode: z.enum(["replicated", "global", "replicated-job", "global-job"]).optional(),
  replicas: count(0).optional(),
  maxConcurrent: count(1).optional(),
  runsFor: range(span).optional(),
  fails: percent.optional(),
  cpus: z.number().optional(),
  memory: memory.optional(),
  generic: generic.optional(),
  constraints: z.array(text).optional(),
  platforms: z.array(platform).optional(),
  spreadOver: z.array(text).optional(),
  maxReplicasPerNode: count(0).optional(),
  affinity: z.array(text).optional(),
  antiAffinity: z.array(text).optional(),
  strategy: strategy.optional(),
  priority: z.int().optional(),
  ports: z.array(port).optional(),
  endpointMode: z.enum(["vip", "dnsrr"]).optional(),
  secrets: z.array(text).optional(),
  configs: z.array(text).optional(),
  volumes: z.array(text).optional(),
  networks: z.array(text).optional(),
  restart: object({
    condition: z.enum(["none", "on-failure", "any"]).optional(),
    delay: span.optional(),
    maxDelay: span.optional(),
    maxAttempts: count(0).optional(),
    window: span.optional(),
  }).optional(),
  update: update.optional(),
  rollback: update.optional(),
  health: object({
    interval: interval.optional(),
    timeout: interval.optional(),
    retries: count(1).optional(),
    startPeriod: span.optional(),
  }).optional(),
  dependsOn: z.array(text).optional(),
  forceUpdate: count(0).optional(),
  stopGracePeriod: span.optional(),
  env: z.array(text).optional(),
};

export const namedService = object({ name: text, ...servicePlan });

export const networkPlan = {
  driver: z.enum(["bridge", "overlay"]).optional(),
  subnet: text.optional(),
  range: text.optional(),
  gateway: text.optional(),
  labels: labels.optional(),
};
