import { atLeast, availability, eventually, scenario, service } from "simswarm/scenario";

/**
 * Everything at once, and every seed is a world of its own: machines crash, pause and are stopped
 * with their clocks, the network splits, loses and repeats, clocks are wrong, disks are slow,
 * containers die, and users go on scaling and deploying. After a minute the faults end and a random
 * part of the cluster is healed, just enough to go on; the rest stays bad for good. That part must
 * recover by itself.
 */
export default scenario({
  name: "random chaos",
  story:
    "Every kind of fault at rates drawn from the seed; then a part of the cluster must recover.",
  topology: {
    managers: [{ count: 3, cpus: 4 }],
    workers: [
      { count: 3, cpus: 4, labels: { disk: "ssd" } },
      { count: 2, cpus: 4, labels: { disk: "hdd" } },
    ],
  },
  networks: { back: { driver: "overlay" } },
  services: [
    service("web", { image: "web:1", replicas: 4, cpus: 0.25, memory: "128MiB" }),
    service("api", {
      image: "api:1",
      replicas: 3,
      cpus: 0.5,
      memory: "256MiB",
      update: { parallelism: 2, order: "start-first" },
      restart: { delay: "1s" },
      networks: ["back"],
    }),
    service("db", {
      image: "db:1",
      replicas: 2,
      cpus: 0.5,
      memory: "1GiB",
      constraints: ["engine.labels.disk==ssd"],
      networks: ["back"],
    }),
    service("logs", { image: "logs:1", mode: "global", restart: { delay: "2s" } }),
    service("batch", {
      image: "batch:1",
      mode: "replicated-job",
      replicas: 5,
      maxConcurrent: 2,
      runsFor: ["1s", "10s"],
      fails: 20,
      restart: { delay: "1s" },
    }),
    service("sweep", { image: "sweep:1", mode: "global-job", runsFor: ["1s", "20s"] }),
  ],
  chaos: {
    from: "30s",
    until: "90s",
    crashes: { every: ["5s", "40s"], downFor: ["1s", "20s"] },
    pauses: { every: ["5s", "40s"], lasting: ["1s", "20s"] },
    freezes: { every: ["5s", "40s"], lasting: ["1s", "20s"] },
    partitions: { every: ["5s", "40s"], lasting: ["1s", "30s"] },
    clockSkew: ["0s", "1h"],
    clockDriftPpm: [0, 500],
    loss: [0, 20],
    duplicates: [0, 20],
    reordering: [0, 20],
    latencyMean: ["200us", "100ms"],
    diskLatencyMean: ["100us", "50ms"],
    containerCrashes: { every: ["20s", "5m"] },
    pullFailures: [0, 50],
    startFailures: [0, 50],
    commands: { every: ["5s", "30s"] },
  },
  expect: [
    eventually(atLeast("web", 1)),
    eventually(atLeast("api", 1)),
    eventually(atLeast("db", 1)),
    availability("web", { below: "10m" }),
    availability("api", { below: "10m" }),
    availability("db", { below: "10m" }),
  ],
});
