import { type Duration, hours, minutes, seconds, type Timestamp } from "../base/time.ts";
import type { ClusterCa } from "./certificate.ts";
import type { ExternalCa } from "./external-ca.ts";
import type { ManagerLock } from "./manager-lock.ts";
import type { Meta } from "./meta.ts";
import type { OverlaySettings } from "./overlay.ts";
import type { LogDriver, Strategy } from "./task-spec.ts";

/** The settings that all nodes share. There is exactly one, with id `cluster`. */
export interface Cluster {
  readonly kind: "cluster";
  readonly id: "cluster";
  readonly meta: Meta;
  readonly spec: ClusterSpec;
  readonly overlays: OverlaySettings;
  /** How often the cluster has been started anew from one manager (`force-new-cluster`). */
  readonly incarnation: number;
  /**
   * The feature level that every node of the cluster speaks (see `level.ts`). Never goes down. The
   * leader writes it.
   */
  readonly level: number;
  /** Raft's names of the voters with whom the log began. */
  readonly founders: readonly string[];
  /** Nodes that were removed, the last one last: none of them gets in again. */
  readonly removedNodes: readonly RemovedNode[];
  /**
   * Until then nodes may go by a longer heartbeat period than that of `spec`: it was cut, and they
   * may not have heard of it. 0: it never was.
   */
  readonly slowBeatsUntil: Timestamp;
  /** Null until the first leader's signer has made a root. */
  readonly ca: ClusterCa | null;
  /** The leader writes it, as `spec.autoLockManagers` and users want. */
  readonly lock: ManagerLock;
}

/** A node that was removed (SwarmKit `BlacklistedCertificates`). */
export interface RemovedNode {
  readonly id: string;
  /** When the last certificate that it may hold has expired: it need not be remembered longer. */
  readonly until: Timestamp;
}

export interface ClusterSpec {
  /** For users; the cluster makes nothing of them. */
  readonly labels: ReadonlyMap<string, string>;
  /**
   * Of new tasks whose spec names none (SwarmKit `TaskDefaults.LogDriver`); null: each engine's
   * own.
   */
  readonly logDriver: LogDriver | null;
  /** Tasks kept for each slot, the one that runs among them; below 0: all of them. */
  readonly taskHistoryRetentionLimit: number;
  /** How often an agent reports to the dispatcher. */
  readonly heartbeatPeriod: Duration;
  /** Heartbeats missed in a row that make a node down; at least 2. SwarmKit: always 3. */
  readonly heartbeatGrace: number;
  /**
   * A node whose container engine has not answered for this long counts as down. Ours (see
   * `EngineWatch`).
   */
  readonly engineTimeout: Duration;
  /** After this long down, a node's tasks are given up as orphaned. */
  readonly nodeDownPeriod: Duration;
  /** Raft entries applied between two snapshots, and entries kept for slow followers. */
  readonly snapshotInterval: number;
  readonly logEntriesForSlowFollowers: number;
  /** How long a node's certificate is good for; at least an hour. */
  readonly nodeCertExpiry: Duration;
  /** Who signs the nodes' certificates outside the cluster, to be tried in this order. */
  readonly externalCas: readonly ExternalCa[];
  /** Whether a manager that starts needs to be given the unlock key. */
  readonly autoLockManagers: boolean;
  /** How nodes are chosen where the service does not say. */
  readonly strategy: Strategy;
  /** Whether tasks may be stopped to make room for tasks of higher priority. */
  readonly preemption: boolean;
  readonly drain: DrainConfig;
  /** Most tasks a minute that are moved to nodes that have less to do; 0: none ever is. */
  readonly rebalancePerMinute: number;
}

/** How a node that is drained gives up its tasks. Ours: SwarmKit stops them all at once. */
export interface DrainConfig {
  /** Start-first: a task stops once its replacement runs, where one fits. */
  readonly order: "start-first" | "stop-first";
  /** With start-first: after this long the task is stopped all the same. */
  readonly patience: Duration;
}

/** How often a node asks its engine, and what there is of it (SwarmKit's `nodeUpdatePeriod`). */
export const pingEvery = seconds(20);

/** SwarmKit's defaults, where it has the setting. */
export const defaultClusterSpec: ClusterSpec = {
  labels: new Map(),
  logDriver: null,
  taskHistoryRetentionLimit: 5,
  heartbeatPeriod: seconds(5),
  heartbeatGrace: 3,
  engineTimeout: minutes(1),
  nodeDownPeriod: hours(24),
  snapshotInterval: 10_000,
  logEntriesForSlowFollowers: 500,
  nodeCertExpiry: hours(90 * 24),
  externalCas: [],
  autoLockManagers: false,
  strategy: "spread",
  preemption: false,
  drain: { order: "start-first", patience: minutes(5) },
  rebalancePerMinute: 0,
};

/** How the cluster is set, and before its first entry the defaults. */
export function settingsOf(cluster: Cluster | null): ClusterSpec {
  return cluster?.spec ?? defaultClusterSpec;
}

/** A new leader waits for this many graces until it misses a node (SwarmKit: 6 periods for 3). */
const newLeaderGraces = 2;

/** How long a new leader waits for a node that it has not heard of. */
export function newLeaderGrace({ heartbeatPeriod, heartbeatGrace }: ClusterSpec): Duration {
  return (heartbeatPeriod * heartbeatGrace * newLeaderGraces) as Duration;
}

/** True for a node that was removed and must not come back under the same name. */
export function isRemoved(cluster: Cluster | null, node: string): boolean {
  return cluster?.removedNodes.some(({ id }) => id === node) === true;
}
