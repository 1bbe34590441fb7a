import {
  at,
  availability,
  crash,
  eventually,
  restart,
  running,
  scenario,
  service,
  skewClock,
} from "simswarm/scenario";

/**
 * The leader's calendar leaps past the end of everybody's certificate: to it all nodes are out. It
 * hands over to a manager that is of one mind with the others, before it calls them down. Later the
 * next leader's calendar does the same, then the clocks are set, and nothing was started anew.
 */
export default scenario({
  name: "calendar past certificates",
  story: "A leader's calendar leaps a hundred days; another one leads, and no node is down.",
  topology: { managers: 3, workers: 4 },
  services: [service("web", { image: "web:1", replicas: 6, constraints: ["node.role==worker"] })],
  steps: [
    at("60s", skewClock("leader", "2400h")),
    at("180s", skewClock("managers", "0s")),
    at("210s", skewClock("leader", "2400h")),
    at("230s", crash("a follower")),
    at("260s", restart("all")),
    at("300s", skewClock("managers", "0s")),
  ],
  expect: [
    eventually(running("web", 6)),
    availability("web", { lowest: 6, below: "0s", starts: 0 }),
  ],
});
