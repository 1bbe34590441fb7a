import {
  activate,
  at,
  availability,
  crash,
  drain,
  eventually,
  pauseScheduling,
  restart,
  running,
  scenario,
  service,
  update,
} from "simswarm/scenario";

/**
 * A log collector runs on every node, a cache on those with fast disks, a scrubber on the others.
 * One worker only joins when all else has long been running, one crashes and returns, one is
 * drained for a minute, and one is paused in the middle of an update: it keeps the old version
 * until it takes tasks again. Each loss is over when its node is back; no other node notices.
 */
export default scenario({
  name: "global services while nodes come and go",
  story: "Workers join late, crash, are drained and paused; each has its tasks when it is back.",
  topology: {
    managers: 3,
    workers: [
      { count: 3, labels: { disk: "ssd" } },
      { count: 2, labels: { disk: "hdd" } },
    ],
  },
  services: [
    service("logs", {
      image: "logs:1",
      mode: "global",
      restart: { delay: "1s" },
      update: { parallelism: 2, delay: "1s" },
    }),
    service("cache", {
      image: "cache:1",
      mode: "global",
      constraints: ["engine.labels.disk==ssd"],
      cpus: 1,
    }),
    service("scrub", {
      image: "scrub:1",
      mode: "global",
      constraints: ["engine.labels.disk==hdd"],
    }),
  ],
  steps: [
    at("1ms", crash("w5")),
    at("90s", restart("w5")),
    at("110s", crash("w1")),
    at("120s", drain("w2")),
    at("130s", pauseScheduling("w3")),
    at("140s", update("logs", { image: "logs:2" })),
    at("160s", restart("w1")),
    at("170s", crash("leader")),
    at("180s", activate("w2")),
    at("190s", restart("managers")),
    at("240s", activate("w3")),
  ],
  expect: [
    eventually(running("logs", 8)),
    eventually(running("cache", 3)),
    eventually(running("scrub", 2)),
    availability("logs", { lowest: 3 }),
    availability("cache", { below: "60s" }),
  ],
});
