import { at, powerOn, scenario, service } from "simswarm/scenario";
import { faults as everydayFaults } from "./everyday.ts";

/** Those of the other worlds, on clocks that do not drift. */
const { clockDriftPpm: _, ...faults } = everydayFaults;

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
    ...faults,
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
