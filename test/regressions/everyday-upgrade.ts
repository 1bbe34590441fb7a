import { everyday, everything, machinesThatJoin } from "./everyday.ts";

/**
 * Three people work on a cluster of an old version, of which machine after machine is
 * upgraded; engines hang, daemons are killed, snapshots are small and addresses few.
 */
export default everyday({
  name: "everyday upgrade",
  topology: {
    ...machinesThatJoin(3),
    level: 1,
    raft: { snapshotInterval: 12, logEntriesForSlowFollowers: 4, snapshotChunkBytes: 4_000 },
    cluster: {
      taskHistoryLimit: 1,
      drain: { order: "stop-first", patience: "20s" },
      rebalancePerMinute: 10,
    },
  },
  hasSmallNetwork: true,
  chaos: {
    ...everything,
    upgrades: { every: ["2s", "15s"] },
    kills: { every: ["5s", "60s"], downFor: ["1s", "30s"] },
    daemonHangs: { every: ["10s", "60s"], lasting: ["1s", "60s"] },
    reordering: [0, 20],
    buggify: true,
  },
});
