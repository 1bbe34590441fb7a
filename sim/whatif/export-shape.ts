import { z } from "zod";
import { parsedJson } from "../../core/base/json.ts";
import {
  type ExportedCluster,
  exportFormat,
  exportVersion,
} from "../../core/observe/exported-cluster.ts";
import { shapeProblem } from "../kept-json.ts";

/** The shape of an export, for files that people have kept, cut or edited. */

const text = z.string();
const count = z.int().nonnegative();
const span = count;
const order = z.enum(["start-first", "stop-first"]);
const strategy = z.enum(["spread", "binpack"]);
const texts = z.record(text, text);
const resources = { nanoCpus: count, memoryBytes: count };
const platform = z.object({ os: text, architecture: text });

const node = z.object({
  id: text.min(1),
  hostname: text,
  role: z.enum(["manager", "worker"]),
  isLeader: z.boolean(),
  availability: z.enum(["active", "pause", "drain"]),
  state: z.enum(["unknown", "down", "ready"]),
  labels: texts,
  engineLabels: texts,
  ...resources,
  generic: z.record(
    text,
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("discrete"), count }),
      z.object({ kind: z.literal("named"), ids: z.array(text) }),
    ]),
  ),
  platform,
  plugins: z.array(text).nullable(),
  address: text,
});

const update = z.object({
  parallelism: count,
  delay: span,
  failureAction: z.enum(["pause", "continue", "rollback"]),
  monitor: span,
  maxFailureRatioPpm: count,
  order,
  progressDeadline: span,
});

const service = z.object({
  name: text.min(1),
  mode: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("replicated"), replicas: count }),
    z.object({ kind: z.literal("global") }),
    z.object({ kind: z.literal("replicated-job"), maxConcurrent: count, totalCompletions: count }),
    z.object({ kind: z.literal("global-job") }),
  ]),
  image: text.min(1),
  reservations: z.object(resources),
  generic: z.record(text, count),
  restart: z.object({
    condition: z.enum(["none", "on-failure", "any"]),
    delay: span,
    maxDelay: span,
    maxAttempts: count,
    window: span,
  }),
  placement: z.object({
    constraints: z.array(text),
    preferences: z.array(text),
    maxReplicas: count,
    platforms: z.array(platform),
    affinity: z.array(text),
    antiAffinity: z.array(text),
    strategy: strategy.nullable(),
  }),
  priority: z.int(),
  update,
  rollback: update,
  ports: z.array(
    z.object({
      name: text,
      protocol: z.enum(["tcp", "udp", "sctp"]),
      targetPort: count,
      publishedPort: count,
      publishMode: z.enum(["ingress", "host"]),
    }),
  ),
  health: z.object({ interval: span, timeout: span, retries: count, startPeriod: span }).nullable(),
  stopGracePeriod: span,
  volumes: z.array(text),
  runsOn: z.array(text),
});

const shape = z.object({
  format: z.literal(exportFormat),
  version: z.literal(exportVersion),
  takenAt: text,
  settings: z.object({
    heartbeatPeriod: span,
    heartbeatGrace: count,
    engineTimeout: span,
    nodeDownPeriod: span,
    taskHistoryRetentionLimit: z.int(),
    strategy,
    preemption: z.boolean(),
    drain: z.object({ order, patience: span }),
    rebalancePerMinute: count,
  }),
  nodes: z.array(node).min(1),
  volumes: z.array(text),
  services: z.array(service),
});

/** What the text of an export says; in words what is wrong where it is not one. */
export function parseExport(content: string): ExportedCluster | { readonly wrong: string } {
  const value = parsedJson(content);
  if (value === undefined) {
    return { wrong: "this is not JSON: write it with 'swarmctl cluster export'" };
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data as unknown as ExportedCluster;
  return { wrong: shapeProblem(value, head, isNone, parsed.error) };
}

const head = { format: exportFormat, version: exportVersion };
const isNone = "this is no export of a cluster: write one with 'swarmctl cluster export'";
