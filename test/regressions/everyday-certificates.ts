import { at, availability, powerOn, scenario, service } from "simswarm/scenario";

/**
 * Three people work for a hundred minutes on a cluster whose certificates are good for an
 * hour, with slow ticks, locked managers and forged messages.
 */
const generic = { seat: 100, license: Array.from({ length: 40 }, (_, at) => `L-${at}`) };

export default scenario({
  name: "everyday certificates",
  story: "Users do all that users can do while everything fails; their last words must come true.",
  topology: {
    managers: [{ count: 3, cpus: 8, generic }],
    workers: [
      { count: 4, cpus: 8, generic, labels: { disk: "ssd" } },
      { count: 2, cpus: 8, generic, labels: { disk: "hdd" } },
      { cpus: 8, generic, joins: true },
    ],
    raft: { tick: "5s", snapshotInterval: 20, logEntriesForSlowFollowers: 4 },
    heartbeat: "30s",
    cluster: { certExpiry: "1h", autoLock: true },
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
  steps: [at("10m", powerOn("w7"))],
  chaos: {
    from: "2m",
    until: "100m",
    crashes: { every: ["5m", "40m"], downFor: ["1s", "15m"] },
    pauses: { every: ["5m", "40m"], lasting: ["1s", "10m"] },
    partitions: { every: ["5m", "40m"], lasting: ["10s", "20m"] },
    clockSkew: ["0s", "5m"],
    clockDriftPpm: [0, 500],
    loss: [0, 20],
    duplicates: [0, 20],
    latencyMean: ["200us", "100ms"],
    diskLatencyMean: ["100us", "50ms"],
    containerCrashes: { every: ["10m", "60m"] },
    unhealthy: { every: ["10m", "60m"] },
    pullFailures: [0, 30],
    startFailures: [0, 30],
    authorities: { every: ["5m", "20m"], lasting: ["1m", "30m"] },
    forgeries: { every: ["2m", "10m"] },
    commands: { every: ["10s", "120s"], users: 3, creates: 6, everything: true },
  },
  expect: [availability("web", { below: "3h" }), availability("logs", { below: "3h" })],
});
