import {
  at,
  availability,
  crash,
  demote,
  eventually,
  isGone,
  isManager,
  promote,
  removeNode,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * One of three managers dies for good. A worker is promoted in its place, the dead one is demoted,
 * which its absence does not prevent, and then removed. At the end three managers vote again.
 */
export default scenario({
  name: "manager replaced",
  story: "A manager dies for good; a worker takes its place, and the dead one is removed.",
  topology: { managers: 3, workers: 3 },
  services: [service("web", { image: "web:1", replicas: 4, constraints: ["node.role==worker"] })],
  steps: [
    at("40s", crash("m3")),
    at("60s", promote("w1")),
    at("90s", demote("m3")),
    at("120s", removeNode("m3")),
  ],
  expect: [
    eventually(isManager("w1")),
    eventually(isGone("m3")),
    eventually(running("web", 4)),
    availability("web", { lowest: 2, below: "20s" }),
  ],
});
