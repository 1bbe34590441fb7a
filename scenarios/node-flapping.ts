import {
  at,
  availability,
  clog,
  eventually,
  flap,
  network,
  pause,
  resume,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * A cluster under load. Heartbeats are late, uneven and come twice; one worker's link comes and
 * goes, others are starved for longer than a heartbeat. None of them is dead, so nothing is called
 * down, and not one container is started anew.
 */
export default scenario({
  name: "node flapping",
  story: "Late, lost and uneven heartbeats from nodes that are alive: nothing is restarted.",
  topology: { managers: 3, workers: 4 },
  services: [
    service("web", { image: "web:1", replicas: 6, constraints: ["node.role==worker"] }),
    service("logs", { image: "logs:1", mode: "global" }),
  ],
  steps: [
    at("40s", network({ duplicates: 5, latencyMean: "100ms" })),
    at("45s", flap(["w1"], "rest", { cut: "1s", open: "6s", times: 12 })),
    at("60s", pause("w2")),
    at("66s", resume("w2")),
    at("80s", pause("w2")),
    at("86s", resume("w2")),
    at("100s", clog(["w3"], "rest", "6s")),
    at("120s", pause("w4")),
    at("126s", resume("w4")),
    at("150s", network({ duplicates: 0, latencyMean: "300us" })),
  ],
  expect: [
    eventually(running("web", 6)),
    availability("web", { lowest: 6, below: "0s", starts: 0 }),
    availability("logs", { lowest: 7, below: "0s", starts: 0 }),
  ],
});
