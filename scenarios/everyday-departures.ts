import { scenario, service } from "simswarm/scenario";

const machine = { cpus: 8, labels: { disk: "ssd" }, lives: 4 };

/**
 * Machines leave without a word, as with `docker swarm leave --force` or a new system on their
 * disk, and join again: each time as another node with the host name and the address of the one
 * before, which is down until somebody removes it, soon or never. Managers do so too, as long as
 * the others are a quorum; what comes in their place may become a manager again. Users work
 * meanwhile, and machines fail.
 */
export default scenario({
  name: "everyday departures",
  story: "Machines leave and come back as other nodes, while users work and everything fails.",
  topology: { managers: [{ count: 5, ...machine }], workers: [{ count: 4, ...machine }] },
  networks: { front: { driver: "overlay" } },
  services: [
    service("web", { image: "web:1", replicas: 4, networks: ["front"] }),
    service("logs", { image: "logs:1", mode: "global", restart: { delay: "2s" } }),
  ],
  chaos: {
    from: "30s",
    until: "210s",
    departures: { every: ["5s", "40s"], downFor: ["100ms", "30s"] },
    crashes: { every: ["10s", "60s"], downFor: ["1s", "30s"] },
    pauses: { every: ["10s", "60s"], lasting: ["1s", "30s"] },
    partitions: { every: ["10s", "60s"], lasting: ["1s", "30s"] },
    loss: [0, 20],
    reordering: [0, 20],
    latencyMean: ["200us", "100ms"],
    containerCrashes: { every: ["20s", "5m"] },
    commands: {
      every: ["500ms", "4s"],
      users: 2,
      creates: 4,
      everything: true,
      upkeep: true,
      odd: true,
    },
  },
  expect: [],
});
