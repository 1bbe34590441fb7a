import { atLeast, availability, eventually, scenario, service } from "simswarm/scenario";

/**
 * The whole menu of faults: daemons are killed and crash in loops, links flap, clog and overflow,
 * disks fail, fill up, rot and are wiped, clocks leap and stand still, what runs the containers
 * hangs, machines in the hands of intruders send forged messages, and somebody removes, stops and
 * starts containers behind the daemons' backs. What is destroyed for good stays within a budget, so
 * that a cluster that does not recover is a bug.
 */
export default scenario({
  name: "every fault",
  story:
    "All that can go wrong with machines, disks, links, clocks and daemons, and users besides.",
  topology: {
    managers: 5,
    workers: 4,
    raft: { snapshotInterval: 40, logEntriesForSlowFollowers: 5, snapshotChunkBytes: 2_000 },
  },
  networks: { back: { driver: "overlay" } },
  services: [
    service("web", {
      image: "web:1",
      replicas: 4,
      cpus: 0.25,
      health: { interval: "1s", retries: 3 },
      update: { parallelism: 2, failureAction: "rollback", monitor: "5s" },
    }),
    service("api", {
      image: "api:1",
      replicas: 3,
      cpus: 0.5,
      update: { parallelism: 1, order: "start-first" },
      restart: { delay: "1s" },
      networks: ["back"],
    }),
    service("logs", { image: "logs:1", mode: "global", restart: { delay: "2s" } }),
  ],
  chaos: {
    from: "30s",
    until: "120s",
    crashes: { every: ["10s", "60s"], downFor: ["1s", "30s"] },
    kills: { every: ["10s", "60s"], downFor: ["100ms", "20s"] },
    crashLoops: { every: ["20s", "90s"], times: [2, 8] },
    pauses: { every: ["10s", "60s"], lasting: ["100ms", "20s"] },
    freezes: { every: ["20s", "90s"], lasting: ["100ms", "20s"] },
    partitions: {
      every: ["10s", "60s"],
      lasting: ["1s", "30s"],
      modes: ["isolate-one", "uniform-size", "uniform-partition"],
    },
    flapping: { every: ["20s", "90s"], lasting: ["1s", "30s"] },
    clogs: { every: ["10s", "60s"], lasting: ["100ms", "10s"] },
    clockSkew: ["0s", "1h"],
    clockDriftPpm: [0, 500],
    clockJumps: { every: ["20s", "90s"], ahead: ["1ms", "1m"] },
    loss: [0, 20],
    duplicates: [0, 20],
    reordering: [0, 20],
    latencyMean: ["200us", "100ms"],
    delays: ["fixed", "uniform", "exponential", "heavy-tailed"],
    capacity: [4, 40],
    diskLatencyMean: ["100us", "50ms"],
    diskFailures: { every: ["10s", "60s"] },
    fullDisks: { every: ["20s", "90s"], lasting: ["1s", "30s"] },
    diskDamage: { every: ["20s", "90s"], downFor: ["1s", "20s"] },
    containerCrashes: { every: ["20s", "5m"] },
    unhealthy: { every: ["30s", "5m"] },
    pullFailures: [0, 30],
    startFailures: [0, 30],
    startMean: ["100ms", "1s"],
    daemonHangs: { every: ["10s", "60s"], lasting: ["1s", "40s"] },
    meddling: { every: ["5s", "60s"] },
    forgeries: { every: ["5s", "30s"] },
    commands: { every: ["5s", "30s"] },
  },
  expect: [
    eventually(atLeast("web", 1)),
    eventually(atLeast("api", 1)),
    availability("web", { below: "10m" }),
    availability("api", { below: "10m" }),
  ],
});
