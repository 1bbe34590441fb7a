import {
  at,
  availability,
  crash,
  eventually,
  forceNewCluster,
  isManager,
  isWorker,
  powerOn,
  promote,
  restart,
  running,
  scale,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * Somebody tries to force a new cluster while the old one is well: the manager refuses, and goes
 * on as it was. Then two of three managers are lost, and the third goes on alone with all that it
 * has. When the others come back they find themselves outvoted by a newer incarnation: each drops
 * its log and becomes a worker. Promoted again, they are managers as before. A machine that has
 * been in no cluster joins the new one.
 */
export default scenario({
  name: "quorum lost and recovered",
  story: "Two of three managers are lost; the third goes on alone, and the others come back to it.",
  topology: { managers: 3, workers: [{ count: 3 }, { joins: true }] },
  services: [service("web", { image: "web:1", replicas: 4 })],
  steps: [
    at("40s", forceNewCluster("m1")),
    at("70s", crash("m2")),
    at("70s", crash("m3")),
    at("85s", forceNewCluster("m1")),
    at("110s", scale("web", 5)),
    at("120s", powerOn("w4")),
    at("140s", restart("m2")),
    at("142s", restart("m3")),
    at("170s", promote("m2")),
  ],
  expect: [
    eventually(isManager("m1")),
    eventually(isManager("m2")),
    eventually(isWorker("m3")),
    eventually(isWorker("w4")),
    eventually(running("web", 5)),
    availability("web", { lowest: 1, below: "150s" }),
  ],
});
