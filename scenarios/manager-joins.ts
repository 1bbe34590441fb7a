import {
  at,
  availability,
  crash,
  eventually,
  isManager,
  network,
  powerOn,
  restart,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * Two managers join a cluster of three. Each is a learner first: it gets a snapshot, then the log,
 * and votes only when it has nearly all of it. So a newcomer that is slow, or that goes down in
 * the middle, never stands between the others and a quorum. Then two of the five go down, and
 * the others go on.
 */
export default scenario({
  name: "manager joins",
  story: "Two new managers join one after the other; then two of five are lost for a while.",
  topology: {
    managers: [{ count: 3 }, { name: "m4", joins: true }, { name: "m5", joins: true }],
    workers: 3,
    raft: { snapshotInterval: 20, logEntriesForSlowFollowers: 5, snapshotChunkBytes: 4_000 },
  },
  services: [service("web", { image: "web:1", replicas: 5, constraints: ["node.role==worker"] })],
  steps: [
    at("35s", network({ loss: 2, latencyMean: "20ms" })),
    at("40s", powerOn("m4")),
    at("41s", powerOn("m5")),
    at("43s", crash("m5")),
    at("60s", restart("m5")),
    at("90s", crash("leader")),
    at("95s", crash("a follower")),
    at("140s", restart("all")),
  ],
  expect: [
    eventually(isManager("m4")),
    eventually(isManager("m5")),
    eventually(running("web", 5)),
    availability("web", { lowest: 3 }),
  ],
});
