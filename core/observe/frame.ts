import type { Availability, NodeRole, NodeState } from "../model/node.ts";
import type { RaftStatus } from "../raft/contract.ts";
import type { FollowerProgress } from "../raft/progress.ts";

/**
 * A cluster at one moment, for whoever looks: the terminal view, the report, the commands that
 * explain a run. Simulated and real clusters give the same picture. It is plain data, which can be
 * sent as JSON; nobody decides anything by it.
 *
 * What the nodes say of themselves is in `nodes`; services and tasks are as the newest entry that
 * any manager has applied left them.
 */
export interface ClusterFrame {
  /** Microseconds since the start: of the simulated world, or of whoever watches a real one. */
  readonly at: number;
  /** How many events had been handled; of a real cluster the number of the frame. */
  readonly event: number;
  /** In the order of the topology; of a real cluster by id. */
  readonly nodes: readonly NodeFrame[];
  /** By name. */
  readonly services: readonly ServiceFrame[];
  /** By service, slot and time of creation. */
  readonly tasks: readonly TaskFrame[];
  /** On their way at this moment, oldest first; empty where nobody can see them. */
  readonly messages: readonly MessageFrame[];
  /** Links that lose everything, one for each direction. */
  readonly cuts: readonly LinkFrame[];
  /** How often each invariant has been held against what happened. */
  readonly checks: Readonly<Record<string, number>>;
}

/** One machine. */
export interface NodeFrame {
  readonly id: string;
  /** `refused`: it does not start, because its disk is damaged. `unknown`: nothing is heard. */
  readonly machine: "up" | "paused" | "down" | "refused" | "unknown";
  /** Why it does not start; null unless `refused`. */
  readonly refusal: string | null;
  /** Its part in Raft; null while it has none, or is off. */
  readonly raft: RaftFrame | null;
  /** What the cluster knows of it; null before it has joined. */
  readonly record: NodeRecordFrame | null;
  /** Null where it is not known. */
  readonly clock: ClockFrame | null;
  readonly load: LoadFrame;
}

/** One member of Raft, as it sees itself. */
export interface RaftFrame {
  readonly status: RaftStatus;
  /** It leads and has caught up: its planners and its dispatcher run. */
  readonly isManaging: boolean;
  /** A leader's view of the others; empty for anyone else. */
  readonly progress: readonly FollowerProgress[];
}

/** A node as it is stored. */
export interface NodeRecordFrame {
  /** What people call it; of a simulated node its id. */
  readonly hostname: string;
  readonly state: NodeState;
  readonly message: string;
  readonly availability: Availability;
  readonly role: NodeRole;
  readonly desiredRole: NodeRole;
}

export interface ClockFrame {
  /** By how many microseconds its calendar is ahead; behind below 0. */
  readonly ahead: number;
  /** By how many millionths it runs fast; slow below 0. */
  readonly driftPpm: number;
}

/** What a node's tasks take, those that have not stopped, of what it has. */
export interface LoadFrame {
  readonly tasks: number;
  readonly nanoCpus: number;
  readonly memoryBytes: number;
  /** Of the machine; 0 before it has said so. */
  readonly nanoCpusTotal: number;
  readonly memoryBytesTotal: number;
}

export interface ServiceFrame {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly mode: "replicated" | "global" | "replicated-job" | "global-job";
  /** Tasks that are to run or, of a job, to complete. */
  readonly wanted: number;
  /** Tasks that run and are to go on, as it is stored. */
  readonly running: number;
  /** Tasks of the newest run of a job that have completed. */
  readonly completed: number;
  /** Tasks that run and are of the newest version. */
  readonly upToDate: number;
  /** Of its newest rolling update; null: it was never updated. */
  readonly update: { readonly state: string; readonly message: string } | null;
}

export interface TaskFrame {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  /** 0: the task of a service that has one on each node. */
  readonly slot: number;
  readonly node: string | null;
  readonly image: string;
  /** Names as SwarmKit prints them, such as RUNNING. */
  readonly state: string;
  readonly desired: string;
  readonly message: string;
  readonly error: string;
  /** The states that it has been in, oldest first; the newest is `state`. Empty: not known. */
  readonly history: readonly TaskStateFrame[];
}

export interface TaskStateFrame {
  readonly state: string;
  /** When it was recorded, in microseconds as `ClusterFrame.at`. */
  readonly at: number;
}

export interface MessageFrame {
  readonly from: string;
  readonly to: string;
  /** Such as `append` or `session`. */
  readonly kind: string;
  /** Microseconds, as `ClusterFrame.at`. */
  readonly sentAt: number;
  readonly arrivesAt: number;
}

export interface LinkFrame {
  readonly from: string;
  readonly to: string;
}
