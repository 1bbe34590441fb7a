import { limits } from "../base/limits.ts";
import type { Planted } from "../base/planted.ts";
import type { Probe } from "../base/probe.ts";
import type { Tap } from "../base/random.ts";
import { type Duration, seconds } from "../base/time.ts";
import type { SizeOf } from "../model/change.ts";
import type { ClusterSpec } from "../model/cluster.ts";
import type { Availability, NodeDescription } from "../model/node.ts";
import type { OverlaySettings } from "../model/overlay.ts";
import type { RaftConfig } from "../raft/contract.ts";
import { raftDefaults } from "../raft/defaults.ts";
import type { EntryPayloadOf } from "./payload.ts";
import type { SnapshotCodec } from "./snapshot-codec.ts";

/** What a node is told when it starts. The same on every start of the same node. */
export interface NodeConfig {
  readonly id: string;
  /**
   * The managers with whom a new cluster begins: a node that is one of them, and whose disk is
   * empty, takes part in Raft. For any other node they are whom it asks first.
   */
  readonly managers: readonly string[];
  /** At this start the manager is to go on alone, as the others are lost. */
  readonly forceNewCluster?: boolean;
  /** The disk was made of a backup: goes on alone as well, and if it always was alone. */
  readonly isRestored?: boolean;
  readonly description: NodeDescription;
  /** What it begins with in its cluster; active unless the host says otherwise. */
  readonly availability?: Availability;
  /** The settings that the first leader of a new cluster writes. */
  readonly cluster: ClusterSpec;
  /** How it makes networks between nodes; as Docker does unless the host says otherwise. */
  readonly overlays?: OverlaySettings;
  readonly raft: RaftTiming;
  readonly planted: Planted;
  /** Only in a simulation. */
  readonly probe?: Probe | null;
  /** Only in a simulation: stands before all that the node draws. */
  readonly tap?: Tap;
  /** How snapshots are cut into chunks; by reference unless the host says otherwise. */
  readonly snapshotCodec?: SnapshotCodec;
  /** What transactions take in the log; about, unless the host says it. */
  readonly sizeOf?: SizeOf;
  /** How the log keeps what the manager decides; by reference unless the host says otherwise. */
  readonly entryPayload?: EntryPayloadOf;
}

export interface RaftTiming {
  readonly tickInterval: Duration;
  readonly heartbeatTicks: number;
  readonly electionTicks: number;
  /** How reads are confirmed, and by how much clocks may differ for a lease: see `RaftConfig`. */
  readonly reads: RaftConfig["reads"];
  readonly maxClockDriftPpm: number;
  /** Most bytes of a snapshot in one message. */
  readonly snapshotChunkBytes: number;
}

/** SwarmKit's values (`manager/state/raft`). */
export const defaultRaftTiming: RaftTiming = {
  tickInterval: seconds(1),
  heartbeatTicks: 1,
  electionTicks: 10,
  reads: raftDefaults.reads,
  maxClockDriftPpm: raftDefaults.maxClockDriftPpm,
  snapshotChunkBytes: limits.snapshotChunkBytes,
};

/** How long a manager waits for the leader's answer to a small request that it handed on. */
export const forwardTimeout = seconds(5);
