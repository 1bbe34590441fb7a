import { scenario, service } from "simswarm/scenario";

const machine = { cpus: 8, generic: { seat: 100 }, labels: { disk: "ssd" } };

/**
 * Users want more than there is. Their services share ports of the machines, and update and scale
 * until some have no place left; networks take subnets from a pool that has four, with addresses
 * for five tasks each, and are removed while tasks of theirs still run, whereupon the next ones
 * want the same; services are reached by one address, then by those of all their tasks, and back.
 * Machines come to have too little for what they run, for a while, and fail. In the end only who
 * finds no free port on any machine, or no free address, may still wait.
 */
export default scenario({
  name: "everyday scarcity",
  story: "Ports, subnets and addresses are too few, while everything fails; nothing is had twice.",
  topology: {
    managers: [{ count: 3, ...machine }],
    workers: [{ count: 4, ...machine }],
    defaultAddressPool: ["10.40.0.0/27"],
    subnetSize: 29,
  },
  networks: { front: { driver: "overlay", subnet: "10.41.0.0/24" } },
  services: [
    service("web", { image: "web:1", replicas: 3, networks: ["front"] }),
    service("logs", { image: "logs:1", mode: "global", restart: { delay: "2s" } }),
  ],
  chaos: {
    from: "30s",
    until: "150s",
    crashes: { every: ["5s", "60s"], downFor: ["1s", "30s"] },
    pauses: { every: ["5s", "60s"], lasting: ["1s", "30s"] },
    partitions: { every: ["5s", "60s"], lasting: ["1s", "30s"] },
    loss: [0, 20],
    reordering: [0, 20],
    latencyMean: ["200us", "100ms"],
    containerCrashes: { every: ["20s", "5m"] },
    pullFailures: [0, 30],
    startFailures: [0, 30],
    refits: { every: ["5s", "30s"], lasting: ["5s", "60s"] },
    commands: {
      every: ["500ms", "4s"],
      users: 3,
      creates: 6,
      everything: true,
      upkeep: true,
      scarce: true,
    },
  },
  expect: [],
});
