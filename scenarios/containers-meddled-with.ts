import { at, crash, kill, meddle, restart, scenario, service } from "simswarm/scenario";

/** In turn, while daemons live and while they are dead; each time of one container a machine. */
const deeds = ["remove", "stop", "start", "remove"] as const;
const rounds = Array.from({ length: 12 }, (_, round) => ({
  at: 30_000 + 15_000 * round,
  deed: deeds[round % deeds.length] as (typeof deeds)[number],
}));

/**
 * Somebody uses the engines of the workers as if there were no cluster: removes containers that
 * run, that are to run and that have ended, stops some, and starts again what has ended. Daemons
 * that live see it at once; those that are dead find it when they start. What is missing is
 * replaced, and what runs though it should not is stopped.
 */
export default scenario({
  name: "containers meddled with",
  story: "Somebody removes, stops and starts containers behind the backs of their nodes.",
  topology: { managers: 1, workers: 3 },
  networks: { front: { driver: "overlay" } },
  services: [
    service("web", {
      image: "web:1",
      replicas: 4,
      networks: ["front"],
      health: { interval: "1s", retries: 3 },
      restart: { delay: "1s" },
    }),
    service("api", {
      image: "api:1",
      replicas: 2,
      ports: [{ target: 80, published: 8080, mode: "host" }],
      restart: { delay: "1s" },
    }),
    service("logs", { image: "logs:1", mode: "global", restart: { delay: "1s" } }),
    service("batch", {
      image: "batch:1",
      mode: "replicated-job",
      replicas: 3,
      runsFor: ["1s", "60s"],
    }),
  ],
  steps: rounds.flatMap(({ at: ms, deed }, round) => [
    at(`${ms}ms`, meddle("workers", deed)),
    at(`${ms + 5_000}ms`, round % 3 === 2 ? crash("a worker") : kill("workers")),
    at(`${ms + 6_000}ms`, meddle("workers", deed)),
    at(`${ms + 7_000}ms`, meddle("workers", "start")),
    at(`${ms + 9_000}ms`, restart("workers")),
  ]),
  expect: [],
});
