import {
  at,
  atLeast,
  crash,
  create,
  createNetwork,
  drain,
  eventually,
  heal,
  partition,
  remove,
  removeNetwork,
  restart,
  running,
  scenario,
  service,
  update,
} from "simswarm/scenario";

const late = {
  driver: "overlay",
  subnet: "10.6.0.0/24",
  range: "10.6.0.128/29",
  gateway: "10.6.0.128",
  labels: { tier: "gold" },
} as const;

/**
 * Services talk to each other over two networks between the nodes. In the small one there are only
 * thirteen addresses for ten tasks, so that each is used again and again: by updates, by containers
 * that fail, after nodes were lost, under one leader after the other. No two containers ever have
 * the same one, none is lost, and in the end each node knows exactly who is in its networks. The
 * last network has a few addresses for tasks, and the gateway is the first of those.
 */
export default scenario({
  name: "overlay network",
  story: "Tasks come and go in networks between the nodes; each address has one of them at a time.",
  topology: { managers: 3, workers: 4 },
  networks: { front: { driver: "overlay" }, small: { driver: "overlay", subnet: "10.5.0.0/28" } },
  services: [
    service("web", {
      image: "web:1",
      replicas: 5,
      networks: ["front", "small"],
      restart: { delay: "2s" },
      update: { parallelism: 1, delay: "2s", order: "start-first" },
    }),
    service("cache", {
      image: "cache:1",
      replicas: 3,
      networks: ["small"],
      restart: { delay: "1s" },
      stopGracePeriod: "10s",
    }),
    service("names", { image: "names:1", mode: "global", networks: ["front"] }),
  ],
  chaos: {
    from: "60s",
    until: "180s",
    crashes: { every: ["30s", "90s"], downFor: ["2s", "20s"] },
    partitions: { every: ["30s", "90s"], lasting: ["2s", "20s"] },
    loss: [0, 5],
    latencyMean: ["200us", "20ms"],
    containerCrashes: { every: ["20s", "2m"] },
  },
  steps: [
    at("45s", update("web", { image: "web:2" })),
    at("65s", crash("leader")),
    at("75s", drain("w2")),
    at("80s", update("cache", { image: "cache:2" })),
    at("90s", partition(["w3"], "rest")),
    at("100s", restart("all")),
    at("110s", update("web", { image: "web:3" })),
    at("125s", heal()),
    at("130s", crash("leader")),
    at("140s", update("web", { image: "web:4", replicas: 4 })),
    at("150s", restart("all")),
    at("160s", remove("names")),
    at("170s", removeNetwork("front")),
    at("175s", createNetwork("late", late)),
    at("180s", create(service("guests", { image: "guests:1", replicas: 3, networks: ["late"] }))),
  ],
  expect: [
    eventually(atLeast("web", 1)),
    eventually(running("cache", 3)),
    eventually(running("guests", 3)),
  ],
});
