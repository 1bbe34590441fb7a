import {
  at,
  availability,
  by,
  eventually,
  heal,
  partition,
  running,
  scale,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * The network splits, the leader with the smaller half. Users scale up and down on whichever side
 * they reach: the smaller side can decide nothing, the larger one does. When the halves meet again
 * there are as many tasks as was asked for last, and none runs twice.
 */
export default scenario({
  name: "scale during a partition",
  story: "Users scale services up and down while the cluster is split; the last word comes true.",
  topology: { managers: 3, workers: 5 },
  services: [
    service("web", { image: "web:1", replicas: 4, restart: { delay: "2s" } }),
    service("api", { image: "api:1", replicas: 6, restart: { delay: "2s" } }),
  ],
  steps: [
    at("40s", partition(["leader", "w1", "w2"], "rest")),
    at("45s", scale("web", 8)),
    at("46s", by(2, scale("api", 2))),
    at("80s", scale("web", 5)),
    at("95s", by(2, scale("api", 7))),
    at("110s", heal()),
    at("115s", scale("web", 6)),
  ],
  expect: [
    eventually(running("web", 6)),
    eventually(running("api", 7)),
    availability("web", { lowest: 3 }),
    availability("api", { lowest: 2 }),
  ],
});
