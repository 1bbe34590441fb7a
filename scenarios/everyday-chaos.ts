import { at, availability, powerOn, scenario, service } from "simswarm/scenario";

/**
 * Three people work on one cluster while everything fails. They create services of every mode with
 * all that a service can have, scale them, deploy good and bad images, change any part of them,
 * roll back and remove; they drain, pause, promote, demote and remove machines, rotate secrets and
 * turn the settings; now and then they remove a task, or do what few ever do, or what is odd. One
 * machine is new, and joins when all of that has begun. Three clients write and read beside them,
 * and must see one thing after another. When the faults end, a random part of the cluster is
 * healed, and it must come to what they asked for last.
 */
const generic = { seat: 100, license: Array.from({ length: 40 }, (_, at) => `L-${at}`) };

export default scenario({
  name: "everyday chaos",
  story: "Users do all that users can do while everything fails; their last words must come true.",
  topology: {
    managers: [{ count: 3, cpus: 8, generic }],
    workers: [
      { count: 4, cpus: 8, generic, labels: { disk: "ssd" } },
      { count: 2, cpus: 8, generic, labels: { disk: "hdd" } },
      { cpus: 8, generic, joins: true },
    ],
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
    reordering: [0, 20],
    latencyMean: ["200us", "100ms"],
    diskLatencyMean: ["100us", "50ms"],
    containerCrashes: { every: ["20s", "5m"] },
    unhealthy: { every: ["20s", "5m"] },
    pullFailures: [0, 30],
    startFailures: [0, 30],
    authorities: { every: ["10s", "60s"], lasting: ["1s", "60s"] },
    commands: {
      every: ["500ms", "4s"],
      users: 3,
      creates: 6,
      everything: true,
      upkeep: true,
      odd: true,
    },
  },
  expect: [availability("web", { below: "10m" }), availability("logs", { below: "10m" })],
});
