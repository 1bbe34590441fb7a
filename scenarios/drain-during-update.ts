import {
  activate,
  at,
  availability,
  crash,
  drain,
  eventually,
  image,
  restart,
  running,
  scenario,
  service,
  update,
} from "simswarm/scenario";

/**
 * In the middle of a rolling update a machine is drained, and then the leader goes too. The update
 * goes on where it was; what it had put on the drained machine moves on with the new image, and
 * what was not updated yet is not updated twice.
 */
export default scenario({
  name: "drain during an update",
  story: "A machine is drained while a rolling update is under way; nobody loses more than a slot.",
  topology: { managers: 3, workers: 5 },
  services: [
    service("web", {
      image: "web:1",
      replicas: 8,
      constraints: ["node.role==worker"],
      restart: { delay: "2s" },
      update: { parallelism: 1, delay: "4s", monitor: "3s" },
    }),
    service("shop", {
      image: "shop:1",
      replicas: 6,
      constraints: ["node.role==worker"],
      update: { parallelism: 2, delay: "3s", monitor: "3s", order: "start-first" },
    }),
  ],
  steps: [
    at("40s", update("web", { image: "web:2" })),
    at("40s", update("shop", { image: "shop:2" })),
    at("50s", drain("w1")),
    at("58s", crash("leader")),
    at("75s", drain("w2")),
    at("95s", restart("all")),
    at("100s", activate("w1")),
  ],
  expect: [
    eventually(running("web", 8)),
    eventually(image("web", "web:2")),
    eventually(image("shop", "shop:2")),
    availability("web", { lowest: 7 }),
    availability("shop", { lowest: 6, below: "0s" }),
  ],
});
