import { everyday, everything, machinesThatJoin } from "./everyday.ts";

/**
 * Three people and three clients work on a cluster of two managers, who are quick to call nodes
 * down and to give up their tasks; machines, engines and disks fail in every way.
 */
export default everyday({
  name: "everyday hardware",
  topology: {
    ...machinesThatJoin(2),
    raft: { snapshotInterval: 12, logEntriesForSlowFollowers: 4, snapshotChunkBytes: 4_000 },
    heartbeat: "1s",
    cluster: {
      nodeDownPeriod: "5s",
      engineTimeout: "20s",
      heartbeatGrace: 2,
      preemption: true,
      taskHistoryLimit: 1,
      drain: { order: "stop-first", patience: "20s" },
      rebalancePerMinute: 10,
    },
  },
  hasSmallNetwork: true,
  clients: 3,
  chaos: {
    ...everything,
    kills: { every: ["5s", "60s"], downFor: ["1s", "30s"] },
    daemonHangs: { every: ["10s", "60s"], lasting: ["1s", "60s"] },
    reordering: [0, 20],
    buggify: true,
    crashLoops: { every: ["20s", "90s"], times: [2, 8] },
    flapping: { every: ["20s", "90s"], lasting: ["1s", "30s"] },
    clogs: { every: ["10s", "60s"], lasting: ["100ms", "10s"] },
    clockJumps: { every: ["20s", "90s"], ahead: ["1ms", "1m"] },
    delays: ["fixed", "uniform", "exponential", "heavy-tailed"],
    capacity: [4, 40],
    diskFailures: { every: ["10s", "60s"] },
    fullDisks: { every: ["20s", "90s"], lasting: ["1s", "30s"] },
    diskDamage: { every: ["20s", "90s"], downFor: ["1s", "20s"] },
    startMean: ["100ms", "1s"],
    forgeries: { every: ["5s", "30s"] },
    commands: { every: ["500ms", "4s"], users: 3, creates: 6, everything: true, upkeep: true },
  },
});
