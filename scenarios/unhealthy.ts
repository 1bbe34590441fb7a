import {
  at,
  atLeast,
  availability,
  crash,
  eventually,
  heal,
  partition,
  restart,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * Containers run and yet do not serve: their health checks fail. Each such task is stopped and
 * replaced, and a new one counts only once it is healthy. Machines crash meanwhile, some of them
 * while they stop what is unhealthy. One service has an image that never becomes healthy: its tasks
 * never count as running, and it waits longer and longer between its attempts.
 */
export default scenario({
  name: "unhealthy",
  story: "Health checks fail; unhealthy tasks are replaced, and count only when healthy.",
  topology: { managers: 3, workers: 4 },
  services: [
    service("web", {
      image: "web:1",
      replicas: 5,
      health: { interval: "5s", retries: 2 },
      restart: { delay: "1s" },
    }),
    service("sick", {
      image: "sick:1",
      replicas: 2,
      health: { interval: "1s", retries: 3 },
      restart: { delay: "1s", maxDelay: "20s", maxAttempts: 8 },
    }),
  ],
  sickImages: ["sick:1"],
  steps: [
    at("60s", crash("a worker")),
    at("80s", crash("leader")),
    at("95s", restart("all")),
    at("110s", partition(["w1"], "rest")),
    at("140s", heal()),
  ],
  chaos: {
    from: "30s",
    until: "180s",
    unhealthy: { every: ["5s", "60s"] },
    crashes: { every: ["10s", "40s"], downFor: ["1s", "10s"] },
  },
  expect: [
    eventually(atLeast("web", 5)),
    eventually(running("sick", 0)),
    availability("web", { below: "4m" }),
  ],
});
