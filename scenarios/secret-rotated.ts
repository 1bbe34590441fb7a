import {
  at,
  availability,
  crash,
  create,
  createConfig,
  createSecret,
  eventually,
  hasSecret,
  heal,
  partition,
  removeSecret,
  restart,
  running,
  scenario,
  service,
  update,
} from "simswarm/scenario";

/**
 * A secret is never changed: it is rotated. A new one is created, the service is updated to it one
 * task after another, and the old one is removed. Meanwhile the leader and a worker are lost. Nodes
 * are told only what their own tasks name, and forget it with the last such task.
 */
export default scenario({
  name: "secret rotated",
  story: "A service is updated from one secret to the next while the leader and a worker are lost.",
  topology: { managers: [{ count: 3, cpus: 1 }], workers: [{ count: 4, cpus: 2 }] },
  services: [
    service("other", { image: "other:1", replicas: 2, constraints: ["node.role==worker"] }),
  ],
  steps: [
    at("5s", createSecret("key-1", "first")),
    at("5s", createConfig("motd", "hello")),
    at("5s", createSecret("unused", "nobody's")),
    at(
      "6s",
      create(
        service("web", {
          image: "web:1",
          replicas: 4,
          cpus: 0.5,
          constraints: ["node.role==worker"],
          secrets: ["key-1"],
          configs: ["motd"],
          restart: { delay: "1s" },
          update: { parallelism: 1, delay: "2s", order: "start-first" },
        }),
      ),
    ),
    at("40s", createSecret("key-2", "second")),
    at("41s", update("web", { secrets: ["key-2"] })),
    at("46s", crash("leader")),
    at("50s", partition(["w1"], "rest")),
    at("80s", restart("all")),
    at("85s", heal()),
    at("150s", removeSecret("key-1")),
  ],
  expect: [
    eventually(running("web", 4)),
    eventually(hasSecret("web", "key-2")),
    availability("web", { lowest: 3 }),
  ],
});
