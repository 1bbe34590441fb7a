import { at, configure, powerOn, scenario, service } from "simswarm/scenario";

/**
 * Three people and three clients work on a cluster whose settings are at their limits: elections of
 * less than half a second, a snapshot for every entry, nodes whose tasks are given up as soon as
 * they are down, and heartbeats that change from seconds to minutes and back.
 */
const generic = { seat: 100, license: Array.from({ length: 40 }, (_, at) => `L-${at}`) };
export default scenario({
  name: "everyday extremes",
  story: "Users do all that users can do while everything fails; their last words must come true.",
  topology: {
    managers: [{ count: 5, cpus: 8, generic }],
    workers: [
      { count: 3, cpus: 8, generic, labels: { disk: "ssd" } },
      { count: 2, cpus: 8, generic, labels: { disk: "hdd" } },
      { name: "j1", cpus: 8, generic, joins: true },
      { name: "j2", cpus: 8, generic, joins: true },
    ],
    raft: {
      tick: "100ms",
      electionTicks: 4,
      heartbeatTicks: 1,
      snapshotInterval: 1,
      logEntriesForSlowFollowers: 0,
      snapshotChunkBytes: 500,
    },
    heartbeat: "30s",
    cluster: {
      heartbeatGrace: 2,
      nodeDownPeriod: "1s",
      taskHistoryLimit: -1,
      engineTimeout: "20s",
      drain: { order: "start-first", patience: "1s" },
      rebalancePerMinute: 60,
      preemption: true,
    },
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
  clients: 3,
  steps: [
    at("40s", configure({ heartbeat: "1s" })),
    at("45s", powerOn("j1")),
    at("60s", configure({ heartbeat: "40s" })),
    at("80s", configure({ heartbeat: "500ms", heartbeatGrace: 3 })),
    at("90s", powerOn("j2")),
    at("110s", configure({ heartbeat: "20s" })),
  ],
  chaos: {
    from: "30s",
    until: "150s",
    crashes: { every: ["5s", "60s"], downFor: ["1s", "30s"] },
    kills: { every: ["5s", "60s"], downFor: ["1s", "30s"] },
    pauses: { every: ["5s", "60s"], lasting: ["1s", "30s"] },
    partitions: {
      every: ["5s", "60s"],
      lasting: ["1s", "30s"],
      modes: ["isolate-one", "uniform-size", "uniform-partition"],
    },
    loss: [0, 20],
    duplicates: [0, 20],
    latencyMean: ["200us", "100ms"],
    diskLatencyMean: ["100us", "50ms"],
    containerCrashes: { every: ["20s", "5m"] },
    unhealthy: { every: ["20s", "5m"] },
    pullFailures: [0, 30],
    startFailures: [0, 30],
    clockSkew: ["0s", "1h"],
    clockDriftPpm: [0, 500],
    daemonHangs: { every: ["10s", "60s"], lasting: ["1s", "60s"] },
    buggify: true,

    commands: {
      every: ["500ms", "4s"],
      users: 3,
      creates: 6,
      everything: true,
      upkeep: true,
      odd: true,
    },
  },
  expect: [],
});
