import {
  at,
  availability,
  crash,
  eventually,
  forceNewCluster,
  isManager,
  isWorker,
  promote,
  restart,
  running,
  scale,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * Two of three managers are lost, and nobody looks after the cluster until no certificate is good
 * any more. Forced to go on alone, the last manager renews its own, then all workers theirs, who
 * have run on all the while. Later one of the lost ones turns up: with a certificate of another age
 * it becomes a worker of the new cluster, and a manager once it is promoted.
 */
export default scenario({
  name: "forced with expired certificates",
  story: "The quorum is lost, and every certificate expires, before anybody forces a new cluster.",
  topology: {
    managers: 3,
    workers: 3,
    raft: { tick: "10s" },
    heartbeat: "60s",
    cluster: { certExpiry: "1h" },
  },
  services: [service("web", { image: "web:1", replicas: 4, constraints: ["node.role==worker"] })],
  steps: [
    at("5m", crash("m2")),
    at("5m", crash("m3")),
    at("150m", forceNewCluster("m1")),
    at("160m", scale("web", 5)),
    at("170m", restart("m2")),
    at("180m", promote("m2")),
    at("190m", crash("w1")),
    at("5h", restart("w1")),
  ],
  expect: [
    eventually(isManager("m1")),
    eventually(isManager("m2")),
    eventually(isWorker("w1")),
    eventually(running("web", 5)),
    availability("web", { lowest: 1 }),
  ],
});
