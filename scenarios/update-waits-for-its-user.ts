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
 * New versions ask for all of a machine, and none is empty, for `logs` runs on each: their first
 * tasks would wait for ever. `web` starts each new task first, `api` stops the old one first. The
 * updates give up at their progress deadlines, also where the leader changes meanwhile, and wait
 * for their user, while what they have not touched serves on. A version that fits then reaches
 * every slot.
 */
export default scenario({
  name: "update waits for its user",
  story: "Two updates fit nowhere: they pause at their deadlines, and the next ones arrive.",
  topology: { managers: 3, workers: 7 },
  services: [
    service("logs", { image: "logs:1", mode: "global", cpus: 0.1 }),
    service("web", {
      image: "web:1",
      replicas: 3,
      cpus: 0.1,
      constraints: ["node.role==worker"],
      update: { order: "start-first", progressDeadline: "20s", failureAction: "rollback" },
    }),
    service("api", {
      image: "api:1",
      replicas: 3,
      cpus: 0.1,
      constraints: ["node.role==worker"],
      update: { parallelism: 2, progressDeadline: "30s" },
    }),
  ],
  steps: [
    at("40s", update("web", { image: "web:2", cpus: 4 })),
    at("40s", update("api", { image: "api:2", cpus: 4 })),
    at("50s", crash("leader")),
    at("110s", restart("all")),
    at("160s", update("web", { image: "web:3", cpus: 0.1 })),
    at("160s", update("api", { image: "api:3", cpus: 0.1 })),
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
