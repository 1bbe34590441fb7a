import { z } from "zod";
import { buggifyPoints } from "../../core/base/situations.ts";
import { newestLevel } from "../../core/model/level.ts";
import { allSituations } from "../world/board.ts";
import { moods } from "./authority-words.ts";
import { suggestion } from "./check-problem.ts";
import {
  clientsMax,
  count,
  drift,
  driftBetween,
  driftSize,
  interval,
  judged,
  memory,
  offset,
  percent,
  processors,
  prose,
  range,
  share,
  span,
  title,
  usersMax,
} from "./check-values.ts";
import { guises } from "./fault-words.ts";

/** The shape of a scenario: the types of `dsl.ts`, for files that no compiler has seen. */

/** An object with these keys and no others; a key that it does not know is probably misspelt. */
function object<S extends z.core.$ZodLooseShape>(shape: S) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== "unrecognized_keys") return undefined;
      return issue.keys.map((key) => suggestion(key, known, "key")).join("\n");
    },
  });
}

const text = z.string();
const labels = z.record(text, text);
const selectors = judged(z.array(text), (nodes) =>
  nodes.length > 0 ? null : { reason: "names no node", help: "name at least one node" },
);

const generic = z.record(text, count(0));

const nodePlan = object({
  name: text.optional(),
  count: count(1, 10_000).optional(),
  cpus: processors.optional(),
  memory: memory.optional(),
  generic: z.record(text, z.union([count(0), z.array(text)])).optional(),
  labels: labels.optional(),
  zone: text.optional(),
  joins: z.boolean().optional(),
  token: z.enum(["current", "first", "wrong"]).optional(),
  os: text.optional(),
  architecture: text.optional(),
  plugins: z.array(text).optional(),
  address: text.optional(),
});

const snapshotPlan = {
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

const strategy = z.enum(["spread", "binpack"]);

const clusterPlan = {
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

const topology = object({
  managers: z.union([count(1, 10_000), z.array(nodePlan)]),
  workers: z.union([count(0, 10_000), z.array(nodePlan)]),
  raft: raft.optional(),
  heartbeat: interval.optional(),
  cluster: object(clusterPlan).optional(),
  level: count(1, newestLevel).optional(),
});

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

const servicePlan = {
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
  spreadOver: z.array(text).optional(),
  maxReplicasPerNode: count(0).optional(),
  affinity: z.array(text).optional(),
  antiAffinity: z.array(text).optional(),
  strategy: strategy.optional(),
  priority: z.int().optional(),
  ports: z.array(port).optional(),
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

const namedService = object({ name: text, ...servicePlan });

function keysOf<T extends object>(table: T): (keyof T & string)[] {
  return Object.keys(table) as (keyof T & string)[];
}

const delays = z.enum(["fixed", "uniform", "exponential", "heavy-tailed"]);
const partitionMode = z.enum(["isolate-one", "uniform-size", "uniform-partition"]);

const nodeFaults = [
  ...(["crash", "kill", "restart", "pause", "resume"] as const),
  ...(["fail-sync", "fill-disk", "free-disk"] as const),
  ...(["corrupt-disk", "misdirect-write", "corrupt-read", "wipe-disk"] as const),
  ...(["hang-daemon", "free-daemon", "force-new-cluster", "upgrade", "downgrade"] as const),
] as const;

const networkPlan = {
  driver: z.enum(["bridge", "overlay"]).optional(),
  subnet: text.optional(),
};

const networkConditions = object({
  loss: percent.optional(),
  duplicates: percent.optional(),
  reordering: percent.optional(),
  latencyMin: span.optional(),
  latencyMean: span.optional(),
  delays: delays.optional(),
  capacity: count(0).optional(),
});

const diskPlan = object({
  latencyMin: span.optional(),
  latencyMean: span.optional(),
  failures: percent.optional(),
});

const containerFaults = object({
  pullMean: span.optional(),
  startMean: span.optional(),
  pullFailures: percent.optional(),
  startFailures: percent.optional(),
  crashEvery: span.optional(),
  unhealthyEvery: span.optional(),
});

const fileTable = z.enum(["secret", "config"]);

const to = z.union([z.literal("rest"), selectors]);

const links = { from: selectors, to };

const faults = [
  object({ do: z.literal("partition"), ...links, oneWay: z.boolean() }),
  object({ do: z.literal("mend"), ...links, oneWay: z.boolean() }),
  object({ do: z.literal("partition-at-random"), mode: partitionMode, oneWay: z.boolean() }),
  object({
    do: z.literal("flap"),
    ...links,
    oneWay: z.boolean(),
    cut: interval,
    open: interval,
    times: count(1, 1_000),
  }),
  object({ do: z.literal("clog"), ...links, lasting: interval }),
  object({ do: z.literal("unclog") }),
  object({ do: z.literal("heal") }),
  object({ do: z.literal(nodeFaults), nodes: text }),
  object({ do: z.literal("crash-loop"), nodes: text, after: interval, times: count(1, 1_000) }),
  object({ do: z.literal("skew-clock"), nodes: text, ahead: offset }),
  object({ do: z.literal("drift-clock"), nodes: text, ppm: drift }),
  object({ do: z.literal("jump-clock"), nodes: text, ahead: interval }),
  object({ do: z.literal("network"), conditions: networkConditions }),
  object({ do: z.literal("disk"), nodes: text, conditions: diskPlan }),
  object({ do: z.literal("containers"), conditions: containerFaults }),
  object({ do: z.literal("bad-image"), image: text, crashesAfter: span }),
  object({ do: z.literal("good-image"), image: text }),
  object({ do: z.literal("give-token"), nodes: text }),
  object({ do: z.literal("authority"), name: text, mood: z.enum(moods) }),
  object({ do: z.literal("forge"), nodes: text, guise: z.enum(guises) }),
] as const;

const attempt = z.enum(["newest", "oldest"]);

/** Which user. */
const by = count(1, usersMax).optional();

const action = z.discriminatedUnion("do", [
  ...faults,
  object({ do: z.literal("create"), service: namedService, by }),
  object({ do: z.literal("scale"), service: text, replicas: count(0), by }),
  object({
    do: z.literal("update"),
    by,
    service: text,
    change: object({ ...servicePlan, image: text.optional() }),
  }),
  object({ do: z.literal("rollback"), service: text, by }),
  object({ do: z.literal("rebalance"), service: text, by }),
  object({ do: z.literal("remove"), service: text, by }),
  object({ do: z.literal("remove-task"), service: text, slot: count(1), attempt, by }),
  object({ do: z.literal("remove-task-on"), service: text, nodes: text, attempt, by }),
  object({ do: z.literal("create-file"), table: fileTable, name: text, data: text, by }),
  object({ do: z.literal("remove-file"), table: fileTable, name: text, by }),
  object({ do: z.literal(["create-volume", "remove-volume"]), name: text, by }),
  object({ do: z.literal("create-network"), name: text, ...networkPlan, by }),
  object({ do: z.literal("remove-network"), name: text, by }),
  object({ do: z.literal("rotate-root"), to: z.literal("outside").optional(), by }),
  object({ do: z.literal("rotate-unlock-key"), by }),
  object({ do: z.literal("rotate-join-token"), role: z.enum(["manager", "worker"]), by }),
  object({
    do: z.literal("configure"),
    by,
    change: object({ ...clusterPlan, ...snapshotPlan, heartbeat: interval.optional() }),
  }),
  object({
    do: z.literal("availability"),
    by,
    nodes: text,
    availability: z.enum(["active", "pause", "drain"]),
  }),
  object({ do: z.literal("label"), nodes: text, labels: z.record(text, z.string()), by }),
  object({ do: z.literal("role"), nodes: text, role: z.enum(["manager", "worker"]), by }),
  object({ do: z.literal("remove-node"), nodes: text, force: z.boolean(), by }),
]);

const often = object({ every: range(interval) });
const lasting = object({ every: range(interval), lasting: range(span) });
const down = object({ every: range(interval), downFor: range(span) });

const chaos = object({
  from: span,
  until: span,
  everyKind: z.boolean().optional(),
  crashes: down.optional(),
  kills: down.optional(),
  crashLoops: object({ every: range(interval), times: range(count(1, 1_000)) }).optional(),
  pauses: lasting.optional(),
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
  containerCrashes: often.optional(),
  unhealthy: often.optional(),
  pullFailures: range(percent).optional(),
  startFailures: range(percent).optional(),
  startMean: range(span).optional(),
  daemonHangs: lasting.optional(),
  upgrades: object({ every: range(interval) }).optional(),
  forgeries: often.optional(),
  authorities: lasting.optional(),
  commands: object({
    every: range(interval),
    users: count(1, usersMax).optional(),
    creates: count(0).optional(),
    everything: z.boolean().optional(),
    upkeep: z.boolean().optional(),
  }).optional(),
  buggify: z.union([z.literal(true), z.array(z.enum(keysOf(buggifyPoints)))]).optional(),
});

const goal = z.discriminatedUnion("goal", [
  object({ goal: z.literal("running"), service: text, count: count(0) }),
  object({ goal: z.literal("at-least"), service: text, count: count(0) }),
  object({ goal: z.literal("balanced"), service: text }),
  object({ goal: z.literal("completed"), service: text, count: count(0) }),
  object({ goal: z.literal("image"), service: text, image: text }),
  object({ goal: z.literal("has-secret"), service: text, secret: text }),
  object({ goal: z.literal("removed"), service: text }),
  object({ goal: z.literal("empty"), node: text }),
  object({ goal: z.literal("role"), node: text, role: z.enum(["manager", "worker", "none"]) }),
]);

const situation = z.enum(keysOf(allSituations));

const expectation = z.discriminatedUnion("expect", [
  object({ expect: z.literal("eventually"), goal }),
  object({ expect: z.literal("always"), goal }),
  object({ expect: z.literal("sometimes"), goal }),
  object({ expect: z.literal("reachable"), situation }),
  object({ expect: z.literal("unreachable"), situation }),
  object({
    expect: z.literal("availability"),
    service: text,
    lowest: count(0).optional(),
    below: span.optional(),
    starts: count(0).optional(),
  }),
]);

export const scenarioShape = object({
  name: title,
  story: prose,
  topology,
  services: z.array(namedService),
  networks: z.record(text, object(networkPlan)).optional(),
  steps: z.array(object({ at: span, action })).optional(),
  chaos: chaos.optional(),
  core: selectors.optional(),
  recoverAt: z.array(span).min(1).optional(),
  clients: count(1, clientsMax).optional(),
  sickImages: z.array(text).optional(),
  expect: z.array(expectation),
});
