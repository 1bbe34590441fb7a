import {
  at,
  availability,
  balanced,
  configure,
  crash,
  createNetwork,
  downgrade,
  eventually,
  rebalance,
  restart,
  running,
  scenario,
  service,
  update,
  upgrade,
} from "simswarm/scenario";

/**
 * A newer version comes to one node after the other, while the service goes on. In between, old and
 * new managers lead in turn, and a user asks for what only the newest can do: in vain, until the
 * last node has it: until then a network of the driver `overlay` is a bridge on each node. One node
 * is to go back to the old version then, and refuses.
 */
export default scenario({
  name: "rolling upgrade of the cluster",
  story: "Nodes get a newer version one by one; what is new begins when all of them speak it.",
  topology: { managers: [{ count: 3, cpus: 1 }], workers: 4, level: 1 },
  networks: { early: { driver: "overlay" } },
  services: [
    service("web", {
      image: "web:1",
      replicas: 8,
      constraints: ["node.role==worker"],
      networks: ["early"],
    }),
    service("api", { image: "api:1", replicas: 4, constraints: ["node.role==worker"] }),
  ],
  steps: [
    at("40s", upgrade("w1")),
    at("50s", upgrade("a follower")),
    at("60s", upgrade("leader")),
    at("70s", crash("w4")),
    at("80s", rebalance("web")),
    at("85s", configure({ engineTimeout: "45s" })),
    at("100s", crash("leader")),
    at("110s", restart("all")),
    at("120s", rebalance("web")),
    at("130s", upgrade("managers")),
    at("150s", upgrade("w2")),
    at("160s", upgrade("w3")),
    at("170s", rebalance("web")),
    at("180s", upgrade("w4")),
    at("240s", rebalance("web")),
    at("245s", configure({ engineTimeout: "45s" })),
    at("250s", createNetwork("late", { driver: "overlay" })),
    at("255s", update("api", { networks: ["late"] })),
    at("300s", downgrade("w1")),
    at("330s", upgrade("w1")),
    at("400s", rebalance("web")),
    at("401s", rebalance("api")),
  ],
  expect: [
    eventually(running("web", 8)),
    eventually(running("api", 4)),
    eventually(balanced("web")),
    availability("web", { lowest: 4 }),
  ],
});
