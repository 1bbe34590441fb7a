import {
  at,
  availability,
  badImage,
  eventually,
  image,
  rollback,
  running,
  scenario,
  service,
  update,
} from "simswarm/scenario";

/**
 * Three ways in which a new image is bad, and what a user loses by them. `web` fails at its start:
 * the first slot that is tried goes back, and the others never stop. `api` crashes three seconds
 * after it has begun to run, within the monitor period; the delay of five seconds keeps the update
 * from going on until that is seen. `shop` starts each new task first, so its old tasks serve all
 * the while, and the rollback leaves every one of them alone. `blog` gets an image that works, and
 * is taken back by hand.
 */
export default scenario({
  name: "update rolls back",
  story: "Bad images are rolled out and go back by themselves; a good one goes back by hand.",
  topology: { managers: 3, workers: 3 },
  services: [
    service("web", { image: "web:1", replicas: 6, update: { failureAction: "rollback" } }),
    service("api", {
      image: "api:1",
      replicas: 6,
      update: { failureAction: "rollback", delay: "5s", monitor: "5s" },
    }),
    service("shop", {
      image: "shop:1",
      replicas: 6,
      update: { failureAction: "rollback", order: "start-first", parallelism: 2 },
    }),
    service("blog", { image: "blog:1", replicas: 4, update: { parallelism: 2 } }),
  ],
  steps: [
    at("10s", badImage("web:2")),
    at("10s", badImage("api:2", "3s")),
    at("10s", badImage("shop:2")),
    at("60s", update("web", { image: "web:2" })),
    at("60s", update("api", { image: "api:2" })),
    at("60s", update("shop", { image: "shop:2" })),
    at("60s", update("blog", { image: "blog:2" })),
    at("70s", rollback("blog")),
  ],
  expect: [
    eventually(running("web", 6)),
    eventually(image("web", "web:1")),
    eventually(running("api", 6)),
    eventually(image("api", "api:1")),
    eventually(running("shop", 6)),
    eventually(image("shop", "shop:1")),
    eventually(running("blog", 4)),
    eventually(image("blog", "blog:1")),
    availability("web", { lowest: 5, below: "60s" }),
    availability("api", { lowest: 5, below: "60s" }),
    availability("shop", { lowest: 6, below: "0s" }),
    availability("blog", { lowest: 2, below: "120s" }),
  ],
});
