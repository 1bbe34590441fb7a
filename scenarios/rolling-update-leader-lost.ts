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
 * The leader's machine dies in the middle of a rolling update. Whoever leads next reads from the
 * store which slots are done and how long each has rested, and goes on from there: the delay
 * between two slots is kept, none is begun twice, and no more of them are replaced at once.
 * `web` replaces one task after the other; `api` starts each new task before it stops the old one,
 * so the update alone would never leave it short. What both lose are the tasks of the dead machine.
 */
export default scenario({
  name: "rolling update, leader lost",
  story: "The leader dies halfway through two rolling updates; the next one goes on from there.",
  topology: { managers: 3, workers: 5 },
  services: [
    service("web", {
      image: "web:1",
      replicas: 8,
      update: { parallelism: 1, delay: "5s", failureAction: "rollback" },
    }),
    service("api", {
      image: "api:1",
      replicas: 8,
      update: { parallelism: 2, delay: "8s", order: "start-first", failureAction: "rollback" },
    }),
  ],
  steps: [
    at("60s", update("web", { image: "web:2" })),
    at("60s", update("api", { image: "api:2" })),
    at("75s", crash("leader")),
    at("200s", restart("all")),
  ],
  expect: [
    eventually(running("web", 8)),
    eventually(running("api", 8)),
    eventually(image("web", "web:2")),
    eventually(image("api", "api:2")),
    availability("web", { lowest: 5, below: "150s" }),
    availability("api", { lowest: 6, below: "100s" }),
  ],
});
