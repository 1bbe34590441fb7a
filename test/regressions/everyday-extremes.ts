import { at, configure, powerOn, scenario } from "simswarm/scenario";
import { faults, generic, services } from "./everyday.ts";

/**
 * Three people and three clients work on a cluster whose settings are at their limits: elections of
 * less than half a second (with a network and disks that are fast enough for them), a snapshot for
 * every entry, nodes whose tasks are given up as soon as they are down, and heartbeats that change
 * from seconds to minutes and back.
 */
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
  services,
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
    ...faults,
    latencyMean: ["200us", "20ms"],
    diskLatencyMean: ["100us", "10ms"],
    kills: { every: ["5s", "60s"], downFor: ["1s", "30s"] },
    partitions: {
      every: ["5s", "60s"],
      lasting: ["1s", "30s"],
      modes: ["isolate-one", "uniform-size", "uniform-partition"],
    },
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
