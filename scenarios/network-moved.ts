import {
  at,
  by,
  crash,
  create,
  createNetwork,
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

/**
 * A service moves from one network to another while somebody else removes networks, and the leader
 * is lost. A network stays for as long as a service is attached to it, or may be rolled back to
 * where it was; one that nobody needs goes.
 */
export default scenario({
  name: "network moved",
  story: "A service moves to another network while networks are removed and the leader is lost.",
  topology: { managers: [{ count: 3, cpus: 1 }], workers: [{ count: 3, cpus: 2 }] },
  services: [],
  steps: [
    at("5s", createNetwork("front")),
    at("5s", createNetwork("back")),
    at(
      "6s",
      create(
        service("web", {
          image: "web:1",
          replicas: 4,
          constraints: ["node.role==worker"],
          networks: ["front", "host"],
          restart: { delay: "1s" },
          update: { parallelism: 1, delay: "2s" },
        }),
      ),
    ),
    at("6s", by(2, removeNetwork("front"))),
    at("10s", create(service("other", { image: "other:1", networks: ["front"] }))),
    at("30s", update("web", { networks: ["back"] })),
    at("30s", by(2, removeNetwork("front"))),
    at("34s", crash("leader")),
    at("38s", partition(["w1"], "rest")),
    at("60s", restart("all")),
    at("65s", heal()),
    at("100s", remove("other")),
    at("101s", by(2, removeNetwork("front"))),
    at("110s", createNetwork("front")),
    at("111s", update("web", { networks: ["back", "front"] })),
  ],
  expect: [eventually(running("web", 4))],
});
