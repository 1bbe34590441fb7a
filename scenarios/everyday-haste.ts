import { at, powerOn, scenario, service } from "simswarm/scenario";

const each = { cpus: 8, generic: { seat: 100 } };

/**
 * Three people in a hurry work on one cluster while everything fails. They do what the people of
 * `everyday-chaos` do, and do not wait for what they have begun: they change their minds about a
 * service in the middle of its update, put others of the same name in the place of services,
 * secrets and networks, promote and demote a machine in one go, remove a manager as soon as it is
 * to be a worker, and change root, lock and keys while the last change of them is under way. When
 * the faults end, a random part of the cluster is healed, and it must come to what they asked for
 * last.
 */
export default scenario({
  name: "everyday haste",
  story: "Users in a hurry undo and redo what is still under way, while everything fails.",
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
    reordering: [0, 20],
    latencyMean: ["200us", "100ms"],
    diskLatencyMean: ["100us", "50ms"],
    containerCrashes: { every: ["20s", "5m"] },
    unhealthy: { every: ["20s", "5m"] },
    pullFailures: [0, 30],
    startFailures: [0, 30],
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
