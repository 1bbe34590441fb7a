import type { Memory, Span } from "./units.ts";

/** One machine or several alike. Managers run tasks too, as in Docker's Swarm. */
export interface NodePlan {
  /** Default: `m1`, `m2`, ... for managers, `w1`, `w2`, ... for workers. Not with `count`. */
  readonly name?: string;
  /** How many machines like this. Default 1. */
  readonly count?: number;
  /** Processors. Default 4. */
  readonly cpus?: number;
  /** Default 8GiB. */
  readonly memory?: Memory;
  /** Generic resources: how many, or their names: `{ gpu: ["GPU-0", "GPU-1"], fpga: 2 }`. */
  readonly generic?: Readonly<Record<string, number | readonly string[]>>;
  /** Engine labels: a constraint reads them as `engine.labels.NAME`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Also the engine label `zone`. */
  readonly zone?: string;
  /** It is new, and off until `powerOn`: then it joins the cluster, as what it is listed. */
  readonly joins?: boolean;
  /**
   * Which token the user of a machine that `joins` has noted: the cluster's of its role, as it is
   * rotated (the default); the `first` one, whatever became of it; or one that never was.
   */
  readonly token?: "current" | "first" | "wrong";
  /**
   * Most node ids that it has, one after the other: each time that it has left it joins again as
   * another node, `w1~2`, `w1~3`, ..., with the same host name and address. Default 1.
   */
  readonly lives?: number;
  /** Default linux. */
  readonly os?: string;
  /** Default x86_64. */
  readonly architecture?: string;
  /** What its engine has, such as `Volume/nfs`. Default: anything. */
  readonly plugins?: readonly string[];
  /** Its IP address, for constraints on `node.ip`. Default: one of its own. */
  readonly address?: string;
}

export interface Topology {
  /** A count of machines alike, or a list. Odd numbers make sense: a majority must be up. */
  readonly managers: number | readonly NodePlan[];
  readonly workers: number | readonly NodePlan[];
  /** Default: Swarm's, a tick a second and ten ticks without a leader until an election. */
  readonly raft?: SnapshotPlan & {
    readonly tick?: Span;
    readonly heartbeatTicks?: number;
    readonly electionTicks?: number;
    /** `lease`: a leader answers reads by itself while a lease holds. Default `safe`: never. */
    readonly reads?: "safe" | "lease";
    /**
     * With lease reads, by how many millionths one clock may be faster than another. Beyond it
     * reads may be stale. Clocks that drift by d either way differ by a little more than 2d.
     * Default 100,000.
     */
    readonly maxClockDriftPpm?: number;
    /** Most bytes of a snapshot in one message. Default 1 MiB. */
    readonly snapshotChunkBytes?: number;
  };
  /**
   * The feature level of the version that every machine begins with (`core/model/level.ts`), for
   * scenarios in which some or all of them are upgraded. Default: the newest.
   */
  readonly level?: number;
  /** How often a node reports to the leader. Default 5s; down after three times that. */
  readonly heartbeat?: Span;
  /** What the subnets of overlays are taken from, in this order. Default: 10.0.0.0/8. */
  readonly defaultAddressPool?: readonly string[];
  /** The prefix length of a subnet that nobody chose. Default 24. */
  readonly subnetSize?: number;
  /** Settings that all nodes share. */
  readonly cluster?: ClusterPlan;
}

interface SnapshotPlan {
  /** Entries between two snapshots of the store. Default 10,000. */
  readonly snapshotInterval?: number;
  /** Entries kept behind a snapshot, so that slow followers need none. Default 500. */
  readonly logEntriesForSlowFollowers?: number;
}

/** All that may be changed in a running cluster. */
export interface Settings extends ClusterPlan, SnapshotPlan {
  readonly heartbeat?: Span;
}

/** The settings of the cluster that a scenario may choose. */
export interface ClusterPlan {
  /** Heartbeats missed in a row that make a node down. Default 3. */
  readonly heartbeatGrace?: number;
  /** A node whose container engine has not answered for this long counts as down. Default 1m. */
  readonly engineTimeout?: Span;
  /** Stopped tasks kept for each slot. Default 5; below 0: all. */
  readonly taskHistoryLimit?: number;
  /** After this long down, a node's tasks are given up as orphaned. Default 24h. */
  readonly nodeDownPeriod?: Span;
  /** How long a node's certificate is good for. Default 2160h. */
  readonly certExpiry?: Span;
  /** Authorities outside that sign for the cluster's root, by any names. Default none. */
  readonly externalCas?: readonly string[];
  /** The same for a root of their own, for `rotateRoot("outside")`. */
  readonly outsideCas?: readonly string[];
  /** Managers keep what they keep under an unlock key. Default false. */
  readonly autoLock?: boolean;
  /** Of new tasks whose service names none, such as `json-file`. Default: each engine's own. */
  readonly logDriver?: string;
  /** Default spread. */
  readonly strategy?: "spread" | "binpack";
  /** Whether tasks may be stopped for tasks of higher priority. Default no. */
  readonly preemption?: boolean;
  readonly drain?: {
    /** Default start-first. */
    readonly order?: "start-first" | "stop-first";
    /** Default 5m. */
    readonly patience?: Span;
  };
  /** Most tasks a minute that are moved to nodes with less to do. Default 0: none. */
  readonly rebalancePerMinute?: number;
}

/**
 * Which nodes a step is about, found out when the step happens: a node's name, or `leader`,
 * `followers`, `a follower`, `managers`, `workers`, `a worker`, `all`, or `zone:NAME`.
 */
export type Selector = string;
