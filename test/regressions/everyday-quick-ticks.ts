import { everyday, everything, machinesThatJoin } from "./everyday.ts";

/**
 * Three people work on a cluster of five managers with quick ticks and heartbeats, small
 * snapshots and disks that fail.
 */
export default everyday({
  name: "everyday quick ticks",
  topology: {
    ...machinesThatJoin(5),
    raft: {
      tick: "200ms",
      snapshotInterval: 8,
      logEntriesForSlowFollowers: 4,
      snapshotChunkBytes: 2_000,
    },
    heartbeat: "2s",
    cluster: { taskHistoryLimit: 0, autoLock: true, nodeDownPeriod: "40s", heartbeatGrace: 2 },
  },
  chaos: {
    ...everything,
    kills: { every: ["5s", "60s"], downFor: ["1s", "30s"] },
    diskFailures: { every: ["10s", "60s"] },
    fullDisks: { every: ["20s", "90s"], lasting: ["1s", "20s"] },
    crashLoops: { every: ["20s", "90s"], times: [2, 5] },
    flapping: { every: ["20s", "60s"], lasting: ["1s", "20s"] },
    buggify: true,
  },
});
