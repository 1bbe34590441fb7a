import { at, powerOn, scenario, service } from "simswarm/scenario";

/**
 * Three people and two clients work on a cluster whose machines are far apart: a message takes a
 * second or more.
 */
const generic = { seat: 100, license: Array.from({ length: 40 }, (_, at) => `L-${at}`) };

export default scenario({
  name: "everyday far",
  story: "Users do all that users can do while everything fails; their last words must come true.",
  topology: {
    managers: [
      { count: 3, cpus: 8, generic },
      { name: "mj", cpus: 8, generic, joins: true },
    ],
    workers: [
      { count: 3, cpus: 8, generic, labels: { disk: "ssd" } },
      { count: 2, cpus: 8, generic, labels: { disk: "hdd" } },
      { name: "j1", cpus: 8, generic, joins: true },
      { name: "j2", cpus: 8, generic, joins: true },
    ],
    raft: { snapshotInterval: 20, logEntriesForSlowFollowers: 5, snapshotChunkBytes: 4_000 },
    cluster: { nodeDownPeriod: "60s", autoLock: true },
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
  clients: 2,
  steps: [at("45s", powerOn("j1")), at("50s", powerOn("mj")), at("90s", powerOn("j2"))],
  chaos: {
    from: "30s",
    until: "240s",
    crashes: { every: ["20s", "2m"], downFor: ["1s", "30s"] },
    kills: { every: ["20s", "2m"], downFor: ["1s", "30s"] },
    pauses: { every: ["20s", "2m"], lasting: ["1s", "30s"] },
    partitions: {
      every: ["20s", "2m"],
      lasting: ["1s", "30s"],
      modes: ["isolate-one", "uniform-size", "uniform-partition"],
    },
    loss: [0, 5],
    duplicates: [0, 20],
    latencyMean: ["300ms", "1500ms"],
    diskLatencyMean: ["100us", "50ms"],
    containerCrashes: { every: ["20s", "5m"] },
    unhealthy: { every: ["20s", "5m"] },
    pullFailures: [0, 30],
    startFailures: [0, 30],
    clockSkew: ["0s", "1h"],
    clockDriftPpm: [0, 500],

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
