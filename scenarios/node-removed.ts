import {
  at,
  availability,
  crash,
  empty,
  eventually,
  isGone,
  removeNode,
  restart,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * One worker dies and is removed; another is removed by force while it runs. Their tasks go on
 * elsewhere. When the dead one comes back it is refused, and the other is refused too: both stop
 * what they still run, and neither is in the cluster again.
 */
export default scenario({
  name: "node removed",
  story: "A dead worker and a running one are removed; neither gets in again.",
  topology: { managers: 3, workers: 4 },
  services: [service("web", { image: "web:1", replicas: 6 })],
  steps: [
    at("40s", crash("w4")),
    at("70s", removeNode("w4")),
    at("90s", removeNode("w3", true)),
    at("100s", crash("leader")),
    at("130s", restart("all")),
  ],
  expect: [
    eventually(isGone("w3")),
    eventually(isGone("w4")),
    eventually(empty("w3")),
    eventually(running("web", 6)),
    availability("web", { lowest: 3 }),
  ],
});
