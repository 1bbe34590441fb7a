import { at, availability, powerOn, scenario, service } from "simswarm/scenario";

/**
 * Three people work on a cluster of five managers with quick ticks and heartbeats, small
 * snapshots and disks that fail.
 */
const generic = { seat: 100, license: Array.from({ length: 40 }, (_, at) => `L-${at}`) };

export default scenario({
  name: "everyday quick ticks",
  story: "Users do all that users can do while everything fails; their last words must come true.",
  topology: {
    managers: [{ count: 5, cpus: 8, generic }],
    workers: [
      { count: 4, cpus: 8, generic, labels: { disk: "ssd" } },
      { count: 2, cpus: 8, generic, labels: { disk: "hdd" } },
      { cpus: 8, generic, joins: true },
    ],
    raft: {
      tick: "200ms",
      snapshotInterval: 8,
      logEntriesForSlowFollowers: 4,
      snapshotChunkBytes: 2_000,
    },
    heartbeat: "2s",
    cluster: { taskHistoryLimit: 0, autoLock: true, nodeDownPeriod: "40s", heartbeatGrace: 2 },
  },
  networks: { front: { driver: "overlay" } },
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
    diskFailures: { every: ["10s", "60s"] },
    fullDisks: { every: ["20s", "90s"], lasting: ["1s", "20s"] },
    crashLoops: { every: ["20s", "90s"], times: [2, 5] },
    flapping: { every: ["20s", "60s"], lasting: ["1s", "20s"] },
    buggify: true,
    authorities: { every: ["10s", "60s"], lasting: ["1s", "60s"] },
    commands: { every: ["500ms", "4s"], users: 3, creates: 6, everything: true },
  },
  expect: [availability("web", { below: "10m" }), availability("logs", { below: "10m" })],
});
