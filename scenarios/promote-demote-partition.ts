import {
  at,
  availability,
  crash,
  demote,
  eventually,
  heal,
  isManager,
  isWorker,
  partition,
  promote,
  restart,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * Users promote and demote while the network splits and machines go down. The leader that is
 * demoted hands over first. A worker promoted behind a partition votes only once it is back and
 * has caught up. A manager demoted while it was down learns on its return that it is a worker,
 * and takes no part in Raft any more, though its disk still held a manager's log. All the while
 * leaders answer reads by lease; one that has handed over trusts its lease no more.
 */
export default scenario({
  name: "promote and demote under partition",
  story: "Managers come and go while the network splits; each learns its role when it is back.",
  topology: {
    managers: 3,
    workers: 4,
    raft: { reads: "lease" },
  },
  clients: 2,
  services: [service("web", { image: "web:1", replicas: 4 })],
  steps: [
    at("35s", promote("w1")),
    at("50s", partition(["w2"], "rest")),
    at("55s", promote("w2")),
    at("60s", demote("leader")),
    at("85s", heal()),
    at("115s", crash("m2")),
    at("130s", demote("m2")),
    at("150s", partition(["leader"], "rest")),
    at("155s", demote("m2")),
    at("180s", heal()),
    at("200s", restart("all")),
    at("205s", demote("m2")),
  ],
  expect: [
    eventually(isManager("w1")),
    eventually(isManager("w2")),
    eventually(isWorker("m2")),
    eventually(running("web", 4)),
    availability("web", { lowest: 2 }),
  ],
});
