import {
  at,
  availability,
  eventually,
  refit,
  running,
  scale,
  scenario,
  service,
  update,
} from "simswarm/scenario";

const worker = { cpus: 4, generic: { gpu: ["GPU-0", "GPU-1"] }, labels: { disk: "ssd" } };
const onWorkers = ["node.role==worker"];

/**
 * Workers come to be other machines than they were: one with less processors, one without a
 * graphics card that a task has, one without the disk that a service asks for. What they are too
 * small for, or not meant for any more, goes elsewhere, the least important and the newest first;
 * all else stays, also once they are as before.
 */
export default scenario({
  name: "machines change",
  story: "Workers lose processors, a graphics card and a label; only what must leave them does.",
  topology: { managers: [{ count: 3, cpus: 1 }], workers: [{ count: 3, ...worker }] },
  services: [
    service("web", { image: "web:1", replicas: 6, cpus: 1, constraints: onWorkers }),
    service("train", { image: "train:1", replicas: 3, generic: { gpu: 1 } }),
    service("db", { image: "db:1", constraints: ["engine.labels.disk==ssd"], priority: 1 }),
    service("agent", { image: "agent:1", mode: "global" }),
  ],
  steps: [
    at("60s", refit("w1", { cpus: 1 })),
    at("100s", refit("w2", { generic: { gpu: ["GPU-1"] } })),
    at("140s", update("db", { constraints: ["engine.labels.disk!=tape", "node.role==worker"] })),
    at("160s", refit("workers", { labels: { disk: "flash" } })),
    at("220s", scale("web", 4)),
    at("260s", refit("workers")),
  ],
  expect: [
    eventually(running("web", 4)),
    eventually(running("train", 3)),
    eventually(running("db", 1)),
    eventually(running("agent", 6)),
    availability("db", { lowest: 1, below: "0s", starts: 0 }),
  ],
});
