import {
  at,
  availability,
  completed,
  crash,
  eventually,
  heal,
  partition,
  restart,
  running,
  scenario,
  service,
  update,
} from "simswarm/scenario";

/**
 * A batch of a dozen runs, three at a time, and a clean-up once on every node. In the middle of it
 * the leader crashes, a worker dies and another is cut off with what it runs; then both jobs are
 * run again. No slot that has completed is run a second time, never are there more than three, and
 * what a slot ran before is not kept.
 */
export default scenario({
  name: "jobs through a manager crash",
  story: "Jobs run to their end though leaders and workers are lost, and then once more.",
  topology: { managers: 3, workers: 4, cluster: { taskHistoryLimit: 1 } },
  services: [
    service("batch", {
      image: "batch:1",
      mode: "replicated-job",
      replicas: 12,
      maxConcurrent: 3,
      runsFor: ["2s", "8s"],
      fails: 15,
      cpus: 0.5,
      restart: { delay: "1s" },
    }),
    service("sweep", {
      image: "sweep:1",
      mode: "global-job",
      runsFor: ["1s", "30s"],
      fails: 10,
      restart: { condition: "on-failure", delay: "2s" },
    }),
    service("web", { image: "web:1", replicas: 4 }),
  ],
  steps: [
    at("45s", crash("leader")),
    at("50s", crash("w1")),
    at("55s", partition(["w2"], "rest")),
    at("70s", restart("managers")),
    at("85s", heal()),
    at("100s", update("batch", { image: "batch:2" })),
    at("105s", update("sweep", { image: "sweep:2" })),
    at("115s", crash("leader")),
    at("125s", restart("all")),
  ],
  expect: [
    eventually(completed("batch", 12)),
    eventually(completed("sweep", 7)),
    eventually(running("web", 4)),
    availability("web", { lowest: 3, below: "2m" }),
  ],
});
