import {
  at,
  availability,
  crash,
  eventually,
  image,
  restart,
  running,
  scenario,
  service,
  update,
} from "simswarm/scenario";

/**
 * New versions ask for a graphics card, and no machine has one: their first tasks would wait for
 * ever. `web` starts each new task first, `api` stops the old one first. The updates give up at
 * their progress deadlines, also where the leader changes meanwhile, and wait for their user, while
 * what they have not touched serves on. A version that fits then reaches every slot.
 */
export default scenario({
  name: "update waits for its user",
  story: "Two updates fit nowhere: they pause at their deadlines, and the next ones arrive.",
  topology: { managers: 3, workers: 7 },
  services: [
    service("web", {
      image: "web:1",
      replicas: 3,
      constraints: ["node.role==worker"],
      update: { order: "start-first", progressDeadline: "20s", failureAction: "rollback" },
    }),
    service("api", {
      image: "api:1",
      replicas: 3,
      constraints: ["node.role==worker"],
      update: { parallelism: 2, progressDeadline: "30s" },
    }),
  ],
  steps: [
    at("40s", update("web", { image: "web:2", generic: { gpu: 1 } })),
    at("40s", update("api", { image: "api:2", generic: { gpu: 1 } })),
    at("50s", crash("leader")),
    at("110s", restart("all")),
    at("160s", update("web", { image: "web:3", generic: {} })),
    at("160s", update("api", { image: "api:3", generic: {} })),
  ],
  expect: [
    eventually(running("web", 3)),
    eventually(image("web", "web:3")),
    eventually(running("api", 3)),
    eventually(image("api", "api:3")),
    availability("web", { lowest: 3, below: "0s" }),
    availability("api", { lowest: 1, below: "130s" }),
  ],
});
