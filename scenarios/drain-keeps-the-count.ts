import {
  activate,
  at,
  availability,
  drain,
  empty,
  eventually,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * A machine is emptied for maintenance, and then another. Each task stops only when its replacement
 * runs elsewhere, so that not one is missing at any time. A task that fits nowhere else goes on for
 * as long as the cluster is patient, and is then stopped: a drained machine is empty in the end.
 */
export default scenario({
  name: "drain keeps the count",
  story: "Machines are drained one after the other; replacements run before the old tasks stop.",
  topology: {
    managers: 3,
    workers: [{ count: 4 }, { name: "fast", labels: { disk: "nvme" } }],
    cluster: { drain: { patience: "40s" } },
  },
  services: [
    service("web", { image: "web:1", replicas: 8, constraints: ["node.role==worker"] }),
    service("api", { image: "api:1", replicas: 4, health: { interval: "2s", retries: 3 } }),
    service("db", { image: "db:1", constraints: ["engine.labels.disk==nvme"] }),
  ],
  steps: [
    at("40s", drain("w1")),
    at("60s", drain("fast")),
    at("80s", drain("w2")),
    at("110s", activate("w1")),
    at("130s", drain("w3")),
    at("150s", activate("fast")),
    at("160s", activate("w2")),
  ],
  expect: [
    eventually(empty("w3")),
    eventually(running("db", 1)),
    availability("web", { lowest: 8, below: "0s" }),
    availability("api", { lowest: 4, below: "0s" }),
    availability("db", { below: "90s" }),
  ],
});
