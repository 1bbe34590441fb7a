import {
  always,
  at,
  atLeast,
  availability,
  crash,
  demote,
  eventually,
  forge,
  isGone,
  isWorker,
  removeNode,
  restart,
  rotateRoot,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * An intruder has one machine after another in his hands and sends from it whatever he likes: with
 * no certificate, with that of a neighbour, with one of a root of his own, as a worker that calls
 * itself a manager, as a manager that is none any more, with one that has expired, from a node that
 * was removed, with the stolen key of a root that was replaced. Nobody believes a word of it, and
 * the service runs on.
 */
export default scenario({
  name: "forged messages",
  story: "Machines send messages with certificates that are not theirs to use; nobody heeds them.",
  topology: {
    managers: 3,
    workers: 4,
    raft: { tick: "5s" },
    heartbeat: "30s",
    cluster: { certExpiry: "1h" },
  },
  services: [service("web", { image: "web:1", replicas: 6, maxReplicasPerNode: 2 })],
  steps: [
    at("90s", forge("w1", "nobody")),
    at("95s", forge("w1", "stranger")),
    at("100s", forge("w1", "another")),
    at("105s", forge("w1", "itself")),
    at("120s", forge("m2", "another")),
    at("125s", forge("m2", "itself")),
    at("150s", demote("m3")),
    at("300s", forge("m3", "former")),
    at("305s", forge("m3", "itself")),
    at("360s", removeNode("w4", true)),
    at("420s", forge("w4", "itself")),
    at("80m", forge("all", "former")),
    at("85m", crash("w2")),
    at("3h", restart("w2")),
    at("3h", forge("w2", "itself")),
    at("181m", forge("w2", "former")),
    at("190m", rotateRoot()),
    at("195m", forge("all", "old-root")),
  ],
  expect: [
    eventually(running("web", 6)),
    eventually(isWorker("m3")),
    eventually(isGone("w4")),
    always(atLeast("web", 4)),
    availability("web", { lowest: 4 }),
  ],
});
