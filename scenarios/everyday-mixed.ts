import { scenario, service } from "simswarm/scenario";

const each = { cpus: 8, generic: { seat: 100 } };
const arm = { ...each, architecture: "aarch64" };

/**
 * Three people work on a cluster of machines of two platforms, whose networks have only a few
 * subnets, while everything fails. They do what the people of `everyday-chaos` do, and are
 * particular about platforms, the ranges and gateways of networks, and the labels of networks and
 * volumes. When the faults end, a random part of the cluster is healed, and it must come to what
 * they asked for last.
 */
export default scenario({
  name: "everyday mixed",
  story: "Users are particular while everything fails, on machines of two platforms.",
  topology: {
    managers: [{ count: 2, ...each }, arm],
    workers: [
      { count: 2, ...each, labels: { disk: "ssd" } },
      { count: 2, ...arm, labels: { disk: "ssd" } },
      { ...each, architecture: "amd64", labels: { disk: "hdd" } },
      { ...arm, architecture: "arm64", labels: { disk: "hdd" } },
    ],
    defaultAddressPool: ["10.40.0.0/24", "10.41.0.0/26"],
    subnetSize: 26,
  },
  networks: {
    front: { driver: "overlay" },
    back: { driver: "overlay" },
    ranged: {
      driver: "overlay",
      subnet: "10.30.0.0/24",
      range: "10.30.0.64/26",
      gateway: "10.30.0.64",
      labels: { tier: "gold" },
    },
  },
  services: [
    service("web", { image: "web:1", replicas: 4, networks: ["front"] }),
    service("logs", { image: "logs:1", mode: "global", platforms: ["linux/arm64"] }),
  ],
  chaos: {
    from: "30s",
    until: "150s",
    crashes: { every: ["5s", "60s"], downFor: ["1s", "30s"] },
    pauses: { every: ["5s", "60s"], lasting: ["1s", "30s"] },
    partitions: { every: ["5s", "60s"], lasting: ["1s", "30s"] },
    clockSkew: ["0s", "1h"],
    loss: [0, 20],
    reordering: [0, 20],
    latencyMean: ["200us", "100ms"],
    diskLatencyMean: ["100us", "50ms"],
    containerCrashes: { every: ["20s", "5m"] },
    pullFailures: [0, 30],
    commands: {
      every: ["500ms", "4s"],
      users: 3,
      creates: 6,
      everything: true,
      upkeep: true,
      odd: true,
      particular: true,
    },
  },
  expect: [],
});
