import { at, powerOn, scenario } from "simswarm/scenario";
import { faults, generic, services } from "./everyday.ts";

/**
 * Three people and two clients work on a cluster whose machines are far apart: a message takes a
 * second or more.
 */
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
  services,
  clients: 2,
  steps: [at("45s", powerOn("j1")), at("50s", powerOn("mj")), at("90s", powerOn("j2"))],
  chaos: {
    ...faults,
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
    latencyMean: ["300ms", "1500ms"],
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
