import {
  at,
  availability,
  configure,
  crash,
  eventually,
  restart,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * Workers beat every 30 s, and are to beat every 2 s from now on; but the leader dies before any of
 * them has heard of it. The next one waits for them as long as they go by what they were told: none
 * is called down, and nothing is started anew.
 */
export default scenario({
  name: "heartbeat shortened",
  story:
    "The heartbeat period is cut, the leader dies before a node has heard of it; none is down.",
  topology: { managers: 3, workers: 4, heartbeat: "30s" },
  services: [service("web", { image: "web:1", replicas: 6, constraints: ["node.role==worker"] })],
  steps: [
    at("60s", configure({ heartbeat: "2s" })),
    at("61s", crash("leader")),
    at("90s", restart("all")),
    at("240s", configure({ heartbeat: "20s" })),
    at("290s", configure({ heartbeat: "5s", heartbeatGrace: 2 })),
    at("291s", crash("leader")),
    at("330s", restart("all")),
  ],
  expect: [
    eventually(running("web", 6)),
    availability("web", { lowest: 6, below: "0s", starts: 0 }),
  ],
});
