import { everyday, machinesThatJoin } from "./everyday.ts";

/**
 * Three people work for a hundred minutes on a cluster whose certificates are good for an
 * hour, with slow ticks, locked managers and forged messages.
 */
export default everyday({
  name: "everyday certificates",
  topology: {
    ...machinesThatJoin(3),
    raft: { tick: "5s", snapshotInterval: 20, logEntriesForSlowFollowers: 4 },
    heartbeat: "30s",
    cluster: { certExpiry: "1h", autoLock: true },
  },
  joinsAt: "10m",
  chaos: {
    from: "2m",
    until: "100m",
    crashes: { every: ["5m", "40m"], downFor: ["1s", "15m"] },
    pauses: { every: ["5m", "40m"], lasting: ["1s", "10m"] },
    partitions: { every: ["5m", "40m"], lasting: ["10s", "20m"] },
    clockSkew: ["0s", "5m"],
    containerCrashes: { every: ["10m", "60m"] },
    unhealthy: { every: ["10m", "60m"] },
    authorities: { every: ["5m", "20m"], lasting: ["1m", "30m"] },
    forgeries: { every: ["2m", "10m"] },
    commands: { every: ["10s", "120s"], users: 3, creates: 6, everything: true },
  },
  below: "3h",
});
