import {
  activate,
  at,
  atLeast,
  availability,
  crash,
  drain,
  eventually,
  heal,
  partition,
  pauseScheduling,
  restart,
  running,
  scale,
  scenario,
  service,
  update,
} from "simswarm/scenario";

/**
 * Everything that can be said of where tasks go, at once, while machines come and go: replicas
 * spread over zones and racks, named processors of which each is for one task, a port of the node
 * itself, a limit for each node, services that want or don't want each other's company, and one
 * that packs its nodes. Machines are lost, closed and emptied, and then the one that packs grows
 * until there is little room left.
 */
export default scenario({
  name: "placement",
  story: "Zones, named resources, host ports, limits and neighbours, with machines that fail.",
  topology: {
    managers: [{ count: 3, cpus: 1, memory: "1GiB" }],
    workers: [
      { count: 2, zone: "a", cpus: 2, generic: { gpu: ["GPU-0", "GPU-1"] } },
      { count: 2, zone: "b", cpus: 2, generic: { gpu: ["GPU-0", "GPU-1"], fpga: 2 } },
      { count: 2, zone: "c", cpus: 2, architecture: "aarch64" },
    ],
  },
  services: [
    service("web", {
      image: "web:1",
      replicas: 6,
      cpus: 0.5,
      spreadOver: ["engine.labels.zone"],
      constraints: ["node.role==worker"],
      restart: { delay: "1s" },
    }),
    service("train", {
      image: "train:1",
      replicas: 4,
      generic: { gpu: 1 },
      restart: { delay: "1s" },
    }),
    service("proxy", {
      image: "proxy:1",
      replicas: 3,
      ports: [{ target: 80, published: 80, mode: "host" }],
      maxReplicasPerNode: 1,
      restart: { delay: "1s" },
    }),
    service("cache", {
      image: "cache:1",
      replicas: 3,
      affinity: ["web"],
      antiAffinity: ["batch"],
      restart: { delay: "1s" },
    }),
    service("batch", {
      image: "batch:1",
      replicas: 2,
      cpus: 1,
      strategy: "binpack",
      restart: { delay: "1s" },
    }),
  ],
  steps: [
    at("30s", crash("w1")),
    at("40s", partition(["w3"], "rest")),
    at("60s", crash("m1")),
    at("80s", restart("w1")),
    at("90s", restart("m1")),
    at("95s", heal()),
    at("110s", drain("w2")),
    at("125s", activate("w2")),
    at("130s", pauseScheduling("w4")),
    at("135s", update("train", { image: "train:2" })),
    at("140s", activate("w4")),
    at("145s", scale("batch", 7)),
  ],
  expect: [
    eventually(running("web", 6)),
    eventually(running("train", 4)),
    eventually(running("proxy", 3)),
    eventually(atLeast("batch", 7)),
    availability("web", { lowest: 4, below: "60s" }),
    availability("train", { lowest: 3, below: "60s" }),
    availability("proxy", { lowest: 2, below: "60s" }),
  ],
});
