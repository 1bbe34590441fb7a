import {
  at,
  availability,
  demote,
  eventually,
  isManager,
  isWorker,
  promote,
  rotateJoinToken,
  rotateRoot,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * Certificates are good for an hour, the shortest life that there is, and for three hours machines
 * crash and are cut off by clocks that differ by up to ten minutes. Everybody renews two or three
 * times, some too late; roles change and the root is rotated meanwhile. A fifth of the life is
 * there for clocks that differ: with more nobody can say who is still to be believed.
 */
export default scenario({
  name: "certificates of an hour",
  story: "Certificates run out every hour, while machines are away and clocks are wrong.",
  topology: {
    managers: 3,
    workers: 4,
    raft: { tick: "5s" },
    heartbeat: "30s",
    cluster: { certExpiry: "1h" },
  },
  services: [service("web", { image: "web:1", replicas: 6 })],
  steps: [
    at("40m", rotateRoot()),
    at("55m", promote("w1")),
    at("75m", rotateJoinToken("worker")),
    at("100m", demote("m1")),
    at("110m", rotateRoot()),
  ],
  chaos: {
    from: "2m",
    until: "3h",
    crashes: { every: ["5m", "40m"], downFor: ["1s", "15m"] },
    partitions: { every: ["5m", "40m"], lasting: ["10s", "20m"] },
    clockSkew: ["0s", "5m"],
    clockDriftPpm: [0, 500],
    loss: [0, 5],
    forgeries: { every: ["2m", "10m"] },
  },
  expect: [
    eventually(running("web", 6)),
    eventually(isManager("w1")),
    eventually(isWorker("m1")),
    availability("web", { below: "90m" }),
  ],
});
