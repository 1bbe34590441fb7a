import {
  at,
  availability,
  create,
  eventually,
  freeDaemon,
  hangDaemon,
  kill,
  restart,
  running,
  scale,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * The container engines of two workers hang, one for good. What ran there may go on, but nobody can
 * tell: once they have not answered for a minute their nodes are down, as if the whole machines
 * were, and their tasks run elsewhere, new ones too. The engine that answers again is told to stop
 * what it no longer owns. One that hangs for half a minute only moves nothing.
 */
export default scenario({
  name: "engine hangs for good",
  story: "Two container engines hang under their agents, one of them for good.",
  topology: { managers: 3, workers: 5 },
  services: [
    service("web", { image: "web:1", replicas: 8, constraints: ["node.role==worker"] }),
    service("logs", { image: "logs:1", mode: "global", constraints: ["node.role==worker"] }),
  ],
  steps: [
    at("60s", hangDaemon("w1")),
    at("70s", hangDaemon("w2")),
    at("75s", hangDaemon("w3")),
    at("80s", scale("web", 10)),
    at(
      "85s",
      create(service("api", { image: "api:1", replicas: 3, constraints: ["node.role==worker"] })),
    ),
    at("105s", freeDaemon("w3")),
    at("200s", kill("w1")),
    at("210s", restart("w1")),
    at("300s", freeDaemon("w2")),
  ],
  core: ["m1", "m2", "m3", "w2", "w3", "w4", "w5"],
  expect: [
    eventually(running("web", 10)),
    eventually(running("api", 3)),
    availability("web", { lowest: 6, below: "140s" }),
  ],
});
