import { at, availability, powerOn, scenario, service } from "simswarm/scenario";

/**
 * Three people and three clients work on a cluster of two managers, who are quick to call nodes
 * down and to give up their tasks; machines, engines and disks fail in every way.
 */
const generic = { seat: 100, license: Array.from({ length: 40 }, (_, at) => `L-${at}`) };

export default scenario({
  name: "everyday hardware",
  story: "Users do all that users can do while everything fails; their last words must come true.",
  topology: {
    managers: [{ count: 2, cpus: 8, generic }],
    workers: [
      { count: 4, cpus: 8, generic, labels: { disk: "ssd" } },
      { count: 2, cpus: 8, generic, labels: { disk: "hdd" } },
      { cpus: 8, generic, joins: true },
    ],
    raft: { snapshotInterval: 12, logEntriesForSlowFollowers: 4, snapshotChunkBytes: 4_000 },
    heartbeat: "1s",
    cluster: {
      nodeDownPeriod: "5s",
      engineTimeout: "20s",
      heartbeatGrace: 2,
      preemption: true,
      taskHistoryLimit: 1,
      drain: { order: "stop-first", patience: "20s" },
      rebalancePerMinute: 10,
    },
  },
  networks: { front: { driver: "overlay" }, small: { driver: "overlay", subnet: "10.7.0.0/27" } },
  services: [
    service("web", {
      image: "web:1",
      replicas: 4,
      cpus: 0.25,
      memory: "128MiB",
      networks: ["front"],
    }),
    service("logs", { image: "logs:1", mode: "global", restart: { delay: "2s" } }),
  ],
  clients: 3,
  steps: [at("45s", powerOn("w7"))],
  chaos: {
    from: "30s",
    until: "150s",
    crashes: { every: ["5s", "60s"], downFor: ["1s", "30s"] },
    pauses: { every: ["5s", "60s"], lasting: ["1s", "30s"] },
    partitions: { every: ["5s", "60s"], lasting: ["1s", "30s"] },
    clockSkew: ["0s", "1h"],
    clockDriftPpm: [0, 500],
    loss: [0, 20],
    duplicates: [0, 20],
    latencyMean: ["200us", "100ms"],
    diskLatencyMean: ["100us", "50ms"],
    containerCrashes: { every: ["20s", "5m"] },
    unhealthy: { every: ["20s", "5m"] },
    pullFailures: [0, 30],
    startFailures: [0, 30],
    kills: { every: ["5s", "60s"], downFor: ["1s", "30s"] },
    daemonHangs: { every: ["10s", "60s"], lasting: ["1s", "60s"] },
    reordering: [0, 20],
    buggify: true,
    authorities: { every: ["10s", "60s"], lasting: ["1s", "60s"] },
    crashLoops: { every: ["20s", "90s"], times: [2, 8] },
    flapping: { every: ["20s", "90s"], lasting: ["1s", "30s"] },
    clogs: { every: ["10s", "60s"], lasting: ["100ms", "10s"] },
    clockJumps: { every: ["20s", "90s"], ahead: ["1ms", "1m"] },
    delays: ["fixed", "uniform", "exponential", "heavy-tailed"],
    capacity: [4, 40],
    diskFailures: { every: ["10s", "60s"] },
    fullDisks: { every: ["20s", "90s"], lasting: ["1s", "30s"] },
    diskDamage: { every: ["20s", "90s"], downFor: ["1s", "20s"] },
    startMean: ["100ms", "1s"],
    forgeries: { every: ["5s", "30s"] },
    commands: { every: ["500ms", "4s"], users: 3, creates: 6, everything: true, upkeep: true },
  },
  expect: [availability("web", { below: "10m" }), availability("logs", { below: "10m" })],
});
