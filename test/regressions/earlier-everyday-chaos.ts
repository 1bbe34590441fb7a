import { availability, scenario, service } from "simswarm/scenario";

/**
 * As `everyday-chaos` was before its users did everything: its seeds in `seeds.txt` stay the runs
 * that they were.
 *
 * Three people work on one cluster while everything fails. They create services of every mode with
 * all that a service can have, scale them, deploy good and bad images, change any part of them,
 * roll back and remove; they drain, pause, promote, demote and remove machines, rotate secrets and
 * turn the settings. When the faults end, a random part of the cluster is healed, and it must come
 * to what they asked for last.
 */
export default scenario({
  name: "everyday chaos",
  story: "Users do all that users can do while everything fails; their last words must come true.",
  topology: {
    managers: [{ count: 3, cpus: 8 }],
    workers: [
      { count: 4, cpus: 8, labels: { disk: "ssd" } },
      { count: 2, cpus: 8, labels: { disk: "hdd" } },
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
    commands: { every: ["500ms", "4s"], users: 3, creates: 6 },
  },
  expect: [availability("web", { below: "10m" }), availability("logs", { below: "10m" })],
});
