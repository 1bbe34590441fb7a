import {
  at,
  availability,
  crash,
  demote,
  eventually,
  heal,
  isWorker,
  network,
  partitionOneWay,
  promote,
  restart,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * Everything takes half a second to arrive. A new manager goes down while it is sent a snapshot,
 * and for so long that its leader gives it up; it gets another when it is back. Then a manager is
 * demoted, and its leader goes deaf when all have the entry that removes it and nobody knows that
 * it is committed. Each of the three may lead next, he who is to leave among them: he brings about
 * his own removal, and then steps down. Once more a manager is demoted, and its leader is heard by
 * nobody from when only its own log says so: that is cut off, and has to be asked for again.
 */
export default scenario({
  name: "removal half way",
  story: "A leader goes deaf as it removes another manager; whoever leads next finishes that.",
  topology: {
    managers: 3,
    workers: 3,
    raft: { snapshotInterval: 8, logEntriesForSlowFollowers: 4, snapshotChunkBytes: 500 },
  },
  services: [service("web", { image: "web:1", replicas: 4 })],
  steps: [
    at("40s", network({ latencyMean: "500ms", delays: "fixed" })),
    at("45s", promote("w1")),
    at("55s", crash("w1")),
    at("90s", restart("w1")),
    at("140s", demote("w1")),
    at("170s", demote("m2")),
    at("174.2s", partitionOneWay(["followers", "workers"], ["leader"])),
    at("200s", heal()),
    at("260s", promote("w1")),
    at("300s", demote("w1")),
    at("302.25s", partitionOneWay(["leader"], ["followers", "workers"])),
    at("330s", heal()),
    at("340s", demote("w1")),
  ],
  expect: [
    eventually(isWorker("w1")),
    eventually(isWorker("m2")),
    eventually(running("web", 4)),
    availability("web", { lowest: 2 }),
  ],
});
