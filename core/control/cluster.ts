import type { Secrets } from "../base/secrets.ts";
import { after, hours, minutes, type Timestamp } from "../base/time.ts";
import { changedCluster } from "../model/changed.ts";
import { type Cluster, type ClusterSpec, newLeaderGrace, pingEvery } from "../model/cluster.ts";
import { speaks } from "../model/level.ts";
import { locked, type ManagerLock } from "../model/manager-lock.ts";
import { invalidArgument, type Rejection, rejection } from "../model/rejection.ts";
import type { StoreView } from "../store/view.ts";
import type { Command } from "./command.ts";
import { isCount, spanProblem } from "./count.ts";
import { type Decided, outOfSequence, updating } from "./decided.ts";
import { externalCasProblem, unsignedProblem } from "./external-cas.ts";

/** SwarmKit's `MinNodeCertExpiration`. */
export const certExpiryLeast = hours(1);
/** Longer than this and nobody would learn that a node is gone. */
const heartbeatMost = minutes(10);
/** A week, with the longest heartbeats: a node that is silent for longer is down. */
const graceMost = 1_000;

/** Changes settings of the cluster: they are in effect as soon as the command is answered. */
export function updateCluster(
  view: StoreView,
  { version, spec }: Command & { kind: "update-cluster" },
  { secrets, now }: { readonly secrets: Secrets; readonly now: Timestamp },
): Decided | Rejection {
  const { cluster } = view;
  if (cluster === null) return notYet();
  const { ca } = cluster;
  const problem = settingsProblem(spec) ?? (ca === null ? null : unsignedProblem(ca, spec));
  if (problem !== null) return invalidArgument(problem);
  if (cluster.meta.version !== version) return outOfSequence();
  const lock = lockFor(spec, cluster.lock, secrets);
  const slowBeatsUntil = slowUntil(cluster, spec, now);
  return updating(changedCluster(cluster, { spec, lock, slowBeatsUntil }));
}

/** By then whoever goes by the period so far has heard of the new one, or is missed by it. */
function slowUntil(cluster: Cluster, spec: ClusterSpec, now: Timestamp): Timestamp {
  const { slowBeatsUntil } = cluster;
  const isCut = spec.heartbeatPeriod < cluster.spec.heartbeatPeriod;
  if (!isCut || !speaks(cluster, "slowBeats")) return slowBeatsUntil;
  return Math.max(slowBeatsUntil, after(now, newLeaderGrace(cluster.spec))) as Timestamp;
}

/** Another unlock key for the managers. The refusal is in Docker's words. */
export function rotateUnlockKey(view: StoreView, secrets: Secrets): Decided | Rejection {
  const { cluster } = view;
  if (cluster === null) return notYet();
  if (cluster.lock.key === null) {
    const reason = "cannot rotate because autolock is not turned on";
    return rejection("FailedPrecondition", reason);
  }
  return updating(changedCluster(cluster, { lock: locked(cluster.lock, secrets) }));
}

/** The lock that such settings want: a key is made when it is turned on, and forgotten after. */
export function lockFor(
  { autoLockManagers }: ClusterSpec,
  lock: ManagerLock,
  secrets: Secrets,
): ManagerLock {
  if (autoLockManagers === (lock.key !== null)) return lock;
  return autoLockManagers ? locked(lock, secrets) : { key: null, version: lock.version + 1 };
}

/** The unlock key is told to those only who ask for it. */
export function withoutLock(cluster: Cluster): Cluster {
  const { key, version } = cluster.lock;
  return changedCluster(cluster, { lock: { key: key === null ? null : "", version } });
}

function notYet(): Rejection {
  return rejection("Unavailable", "the cluster is not there yet: try again");
}

/** Why a cluster can't be set so, or null. */
export function settingsProblem(spec: ClusterSpec): string | null {
  const { heartbeatPeriod, heartbeatGrace, nodeCertExpiry, nodeDownPeriod, drain } = spec;
  const { engineTimeout } = spec;
  if (nodeCertExpiry < certExpiryLeast) return "minimum certificate expiry time is: 1h0m0s";
  if (heartbeatPeriod < 0) return "heartbeat time period cannot be a negative duration";
  if (heartbeatPeriod === 0) return "heartbeat time period must be longer than nothing";
  if (heartbeatPeriod > heartbeatMost) return "heartbeat time period must be at most 10m";
  if (!isCount(heartbeatGrace) || heartbeatGrace < 2 || heartbeatGrace > graceMost) {
    return `heartbeat grace must be a whole number of heartbeats, from 2 to ${graceMost}`;
  }
  if (engineTimeout < pingEvery) return "engine timeout must be at least 20s";
  if (nodeDownPeriod <= 0) return "node down period must be longer than nothing";
  return (
    spanProblem("certificate expiry time", nodeCertExpiry) ??
    spanProblem("engine timeout", engineTimeout) ??
    spanProblem("node down period", nodeDownPeriod) ??
    spanProblem("drain patience", drain.patience) ??
    externalCasProblem(spec) ??
    countProblem(spec)
  );
}

function countProblem(spec: ClusterSpec): string | null {
  const { taskHistoryRetentionLimit, rebalancePerMinute } = spec;
  const { snapshotInterval, logEntriesForSlowFollowers } = spec;
  if (!Number.isSafeInteger(taskHistoryRetentionLimit)) return "task history limit is no number";
  if (!isCount(rebalancePerMinute)) return "moves a minute must be a whole number, 0 for none";
  if (!isCount(snapshotInterval) || snapshotInterval === 0) {
    return "snapshot interval must be a whole number of entries, at least 1";
  }
  if (!isCount(logEntriesForSlowFollowers)) {
    return "log entries for slow followers must be a whole number, at least 0";
  }
  return null;
}
