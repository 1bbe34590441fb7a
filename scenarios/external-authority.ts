import {
  at,
  authority,
  availability,
  configure,
  crash,
  eventually,
  isManager,
  promote,
  restart,
  rotateRoot,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * Two authorities outside the cluster sign for its nodes, who need a new certificate every hour.
 * They hang, refuse, and certify what nobody has asked for; then the root is replaced by one whose
 * key only they have. No node ever gets what it has not asked for, and none is left without.
 */
export default scenario({
  name: "external authority",
  story: "Authorities outside sign, fail and lie; the cluster moves to a root that only they hold.",
  topology: {
    managers: 3,
    workers: 3,
    raft: { tick: "5s" },
    heartbeat: "30s",
    cluster: { certExpiry: "1h", externalCas: ["north", "south"] },
  },
  services: [service("web", { image: "web:1", replicas: 4 })],
  steps: [
    at("2m", authority("north", "other-role")),
    at("20m", promote("w1")),
    at("40m", crash("leader")),
    at("42m", restart("all")),
    at("65m", authority("south", "hangs")),
    at("68m", authority("all", "sound")),
    at("70m", configure({ externalCas: ["north"], outsideCas: ["south", "west"] })),
    at("75m", rotateRoot("outside")),
    at("76m", authority("south", "other-key")),
  ],
  chaos: {
    from: "5m",
    until: "2h",
    authorities: { every: ["2m", "15m"], lasting: ["1m", "10m"] },
    crashes: { every: ["10m", "40m"], downFor: ["1s", "5m"] },
    partitions: { every: ["10m", "40m"], lasting: ["10s", "5m"] },
    loss: [0, 5],
  },
  expect: [
    eventually(running("web", 4)),
    eventually(isManager("w1")),
    availability("web", { below: "60m" }),
  ],
});
