import { at, powerOn, scenario, service } from "simswarm/scenario";

const each = { cpus: 8, generic: { seat: 100 } };

/**
 * The users of `everyday-haste`, while machines come to have less for a while, too little for what
 * they run, other labels, and fewer plugins.
 */
export default scenario({
  name: "everyday refits",
  story: "Users in a hurry work on machines that come to have less, while everything fails.",
  topology: {
    managers: [{ count: 5, ...each }],
    workers: [
      { count: 4, ...each, labels: { disk: "ssd" } },
      { ...each, joins: true },
    ],
  },
  networks: { front: { driver: "overlay" } },
  services: [
    service("web", { image: "web:1", replicas: 4, networks: ["front"] }),
    service("logs", { image: "logs:1", mode: "global", restart: { delay: "2s" } }),
  ],
  steps: [at("45s", powerOn("w5"))],
  chaos: {
    from: "30s",
    until: "150s",
    crashes: { every: ["5s", "60s"], downFor: ["1s", "30s"] },
    pauses: { every: ["5s", "60s"], lasting: ["1s", "30s"] },
    partitions: { every: ["5s", "60s"], lasting: ["1s", "30s"] },
    clockSkew: ["0s", "1h"],
    loss: [0, 20],
    duplicates: [0, 20],
    latencyMean: ["200us", "100ms"],
    diskLatencyMean: ["100us", "50ms"],
    containerCrashes: { every: ["20s", "5m"] },
    unhealthy: { every: ["20s", "5m"] },
    pullFailures: [0, 30],
    startFailures: [0, 30],
    refits: { every: ["5s", "30s"], lasting: ["5s", "60s"] },
    commands: {
      every: ["500ms", "4s"],
      users: 3,
      creates: 5,
      everything: true,
      upkeep: true,
      odd: true,
      hasty: true,
    },
  },
  expect: [],
});
