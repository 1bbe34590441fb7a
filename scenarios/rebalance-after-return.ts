import {
  at,
  availability,
  balanced,
  configure,
  crash,
  eventually,
  rebalance,
  restart,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * Two of four workers are away for a while, and what they ran goes to the others. Once they are
 * back, a user has one service moved at once; then the cluster is set to even out what it runs by
 * itself, three tasks a minute. Nothing stops before it runs elsewhere.
 */
export default scenario({
  name: "rebalance after return",
  story: "Workers crash and come back; a few tasks a minute move back to them, each started first.",
  topology: { managers: [{ count: 3, cpus: 1 }], workers: 4 },
  services: [
    service("web", {
      image: "web:1",
      replicas: 8,
      cpus: 0.25,
      constraints: ["node.role==worker"],
    }),
    service("api", { image: "api:1", replicas: 4, constraints: ["node.role==worker"] }),
  ],
  steps: [
    at("60s", crash("w1")),
    at("65s", crash("w2")),
    at("120s", restart("w1")),
    at("130s", restart("w2")),
    at("200s", rebalance("api")),
    at("240s", configure({ rebalancePerMinute: 3 })),
    at("280s", crash("leader")),
    at("290s", restart("all")),
    at("420s", crash("w3")),
    at("425s", restart("w3")),
  ],
  expect: [
    eventually(running("web", 8)),
    eventually(balanced("web")),
    eventually(balanced("api")),
    availability("web", { lowest: 4, below: "60s" }),
    availability("api", { lowest: 2, below: "60s" }),
  ],
});
