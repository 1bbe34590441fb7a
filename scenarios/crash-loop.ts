import {
  at,
  availability,
  crash,
  eventually,
  restart,
  running,
  scale,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * For two minutes containers die as soon as they run. A service with a back-off waits longer after
 * each failure, up to ten seconds; one that may be restarted twice only gives its tasks up; one
 * that is restarted after failures only leaves alone what has ended well. In the middle the leader
 * dies, and a worker goes for good: neither loses a count or a delay, and neither is counted. When
 * containers live again, the service with the back-off is complete at once.
 */
export default scenario({
  name: "crash loop",
  story: "Containers die as soon as they run; each service goes on as its restart policy says.",
  topology: {
    managers: 3,
    workers: 4,
    cluster: { taskHistoryLimit: 2, nodeDownPeriod: "30s" },
  },
  services: [
    service("patient", {
      image: "web:1",
      replicas: 4,
      restart: { delay: "500ms", maxDelay: "10s" },
    }),
    service("limited", { image: "api:1", replicas: 4, restart: { delay: "1s", maxAttempts: 2 } }),
    service("recent", {
      image: "api:1",
      replicas: 2,
      restart: { delay: "2s", maxAttempts: 3, window: "20s" },
    }),
    service("once", { image: "job:1", replicas: 4, restart: { condition: "on-failure" } }),
  ],
  steps: [
    at("60s", crash("leader")),
    at("75s", restart("all")),
    at("80s", crash("w4")),
    at("130s", scale("patient", 5)),
    at("200s", scale("patient", 4)),
  ],
  chaos: {
    from: "40s",
    until: "240s",
    containerCrashes: { every: ["500ms", "5s"] },
    startFailures: [0, 50],
  },
  expect: [eventually(running("patient", 4)), availability("patient", { lowest: 0 })],
});
