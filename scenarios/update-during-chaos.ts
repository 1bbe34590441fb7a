import {
  at,
  atLeast,
  availability,
  badImage,
  eventually,
  scenario,
  service,
  update,
} from "simswarm/scenario";

/**
 * Updates of every kind, good ones and bad ones, while machines crash and pause, the network splits
 * and containers die: with delays and without, one slot at a time and all at once, old task first
 * and new task first, paused and rolled back, overtaken by the next and taken back by hand. When it
 * is over, users deploy a last time: on the part of the cluster that is healed, that must come to
 * its end.
 */
export default scenario({
  name: "update during chaos",
  story: "Good and bad updates overtake each other while everything fails; the last one arrives.",
  topology: { managers: 3, workers: 4 },
  services: [
    service("web", {
      image: "web:1",
      replicas: 5,
      restart: { delay: "2s" },
      update: { parallelism: 1, delay: "3s", monitor: "4s", failureAction: "rollback" },
      rollback: { parallelism: 0, monitor: "2s" },
    }),
    service("api", {
      image: "api:1",
      replicas: 6,
      restart: { delay: "1s" },
      update: {
        parallelism: 2,
        delay: "2s",
        order: "start-first",
        failureAction: "rollback",
        maxFailureRatio: 0.2,
      },
      rollback: { parallelism: 2, order: "start-first", failureAction: "rollback" },
    }),
    service("shop", {
      image: "shop:1",
      replicas: 4,
      update: { parallelism: 0, failureAction: "pause", progressDeadline: "20s" },
    }),
    service("blog", {
      image: "blog:1",
      replicas: 5,
      update: { parallelism: 3, delay: "1s", failureAction: "continue", order: "start-first" },
    }),
  ],
  chaos: {
    from: "40s",
    until: "140s",
    crashes: { every: ["10s", "60s"], downFor: ["1s", "20s"] },
    pauses: { every: ["10s", "60s"], lasting: ["1s", "20s"] },
    partitions: { every: ["10s", "60s"], lasting: ["1s", "20s"] },
    clockSkew: ["0s", "1h"],
    clockDriftPpm: [0, 500],
    loss: [0, 10],
    duplicates: [0, 10],
    latencyMean: ["200us", "50ms"],
    diskLatencyMean: ["100us", "20ms"],
    containerCrashes: { every: ["20s", "5m"] },
    pullFailures: [0, 20],
    startFailures: [0, 20],
    commands: { every: ["8s", "40s"] },
  },
  steps: [
    at("5s", badImage("web:3")),
    at("5s", badImage("api:3", "2s")),
    at("5s", badImage("shop:3")),
    at("60s", update("web", { image: "web:2" })),
    at("60s", update("api", { image: "api:2" })),
    at("60s", update("shop", { image: "shop:2" })),
    at("60s", update("blog", { image: "blog:2" })),
    at("75s", update("web", { image: "web:3" })),
    at("80s", update("api", { image: "api:3" })),
    at("85s", update("shop", { image: "shop:3" })),
    at("100s", update("web", { image: "web:4" })),
    at("110s", update("api", { image: "api:4" })),
    at("150s", update("web", { image: "web:5", replicas: 5 })),
    at("150s", update("api", { image: "api:5", replicas: 6 })),
    at("150s", update("shop", { image: "shop:5", replicas: 4 })),
    at("150s", update("blog", { image: "blog:5", replicas: 5 })),
  ],
  expect: [
    eventually(atLeast("web", 1)),
    eventually(atLeast("api", 1)),
    eventually(atLeast("shop", 1)),
    eventually(atLeast("blog", 1)),
    availability("web", { below: "10m" }),
    availability("api", { below: "10m" }),
    availability("shop", { below: "10m" }),
    availability("blog", { below: "10m" }),
  ],
});
