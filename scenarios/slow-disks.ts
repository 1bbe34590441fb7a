import { atLeast, availability, eventually, scenario, service } from "simswarm/scenario";

/**
 * Disks so slow that most crashes find something unwritten, and a log so short that who was away
 * needs a snapshot. A record that was being written may be torn: it is cut off at the next start,
 * and nothing that was acknowledged is missing. A snapshot that breaks off goes on where it was.
 */
export default scenario({
  name: "slow disks",
  story: "Crashes tear what slow disks were writing; those left behind catch up by snapshots.",
  topology: {
    managers: 3,
    workers: 3,
    raft: { snapshotInterval: 8, logEntriesForSlowFollowers: 4, snapshotChunkBytes: 2_000 },
  },
  services: [
    service("web", { image: "web:1", replicas: 4, restart: { delay: "1s" } }),
    service("queue", { image: "queue:1", replicas: 2, restart: { delay: "1s" } }),
  ],
  chaos: {
    from: "20s",
    until: "80s",
    crashes: { every: ["2s", "8s"], downFor: ["1s", "10s"] },
    partitions: { every: ["5s", "20s"], lasting: ["1s", "20s"] },
    loss: [0, 20],
    duplicates: [0, 20],
    latencyMean: ["200us", "50ms"],
    diskLatencyMean: ["20ms", "300ms"],
    commands: { every: ["1s", "5s"] },
  },
  expect: [
    eventually(atLeast("web", 1)),
    eventually(atLeast("queue", 1)),
    availability("web", { below: "3m" }),
    availability("queue", { below: "3m" }),
  ],
});
