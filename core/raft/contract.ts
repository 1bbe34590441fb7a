import type { Planted } from "../base/planted.ts";
import type { Probe } from "../base/probe.ts";
import type { Random } from "../base/random.ts";
import type {
  ConfigChange,
  Entry,
  HardState,
  MemberId,
  Membership,
  Payload,
  RaftMessage,
  Snapshot,
} from "./message.ts";

/** How one member behaves. Ticks are counted by the host. */
export interface RaftConfig {
  readonly id: MemberId;
  /**
   * A follower that hears nothing campaigns after `electionTicks` to `2 * electionTicks - 1`, the
   * only voter at its first tick.
   */
  readonly electionTicks: number;
  /** A leader sends heartbeats every `heartbeatTicks`; less than `electionTicks`. */
  readonly heartbeatTicks: number;
  /** Ask whether an election could be won before starting one (thesis 9.6). */
  readonly preVote: boolean;
  /** A leader that hears from no quorum for an election timeout steps down (thesis 6.2). */
  readonly checkQuorum: boolean;
  /**
   * `lease` serves reads without a round of messages while a lease holds (thesis 6.4.1). Without
   * `checkQuorum`, in a term in which leadership is being transferred, and where the margin below
   * leaves no tick of it, none holds: then a read takes a round as with `safe`.
   */
  readonly reads: "safe" | "lease";
  /**
   * The margin of a lease: no member's clock ever runs faster than another's by more than this many
   * millionths. A lease that trusts in too little gives stale reads. Only `lease` looks at it.
   */
  readonly maxClockDriftPpm: number;
  /** Most bytes of entries in one append; at least one entry always fits. */
  readonly maxMessageBytes: number;
  readonly maxInflightMessages: number;
  readonly maxInflightBytes: number;
  /** A proposal beyond this many uncommitted bytes is refused; an empty tail takes any one. */
  readonly maxUncommittedBytes: number;
  readonly planted: Planted;
  readonly probe: Probe | null;
}

/** What a member starts from: empty for a new one. */
export interface RaftDurable {
  readonly hardState: HardState;
  readonly snapshot: Snapshot | null;
  /** Contiguous, from just after the snapshot. */
  readonly entries: readonly Entry[];
  /** The members before any log entry; used only while there is no snapshot. */
  readonly bootstrap: Membership;
}

/** All that ever reaches the machine. Time is a count of ticks. */
export type RaftInput =
  | { readonly kind: "tick" }
  | { readonly kind: "message"; readonly message: RaftMessage }
  /** The disk has finished the write `id` and all before it. */
  | { readonly kind: "written"; readonly id: number }
  | { readonly kind: "propose"; readonly payload: Payload }
  | { readonly kind: "propose-config"; readonly change: ConfigChange }
  | { readonly kind: "campaign" }
  | { readonly kind: "transfer"; readonly to: MemberId }
  | { readonly kind: "forget-leader" }
  /** `readContext` is the host's own number for the read, ascending from 1. */
  | { readonly kind: "read"; readonly readContext: number }
  /** The state machine at `index`; the log before `keepFrom` may go. */
  | {
      readonly kind: "compact";
      readonly index: number;
      readonly keepFrom: number;
      readonly payload: Payload;
    }
  | { readonly kind: "unreachable"; readonly member: MemberId }
  /** The host could not deliver a snapshot. */
  | { readonly kind: "snapshot-failed"; readonly member: MemberId };

/**
 * One write to stable storage. Writes are carried out whole and in the order given, and each is
 * acknowledged by a `written` input once it would survive a crash.
 */
export interface RaftWrite {
  readonly id: number;
  /** Null: unchanged. */
  readonly hardState: HardState | null;
  /**
   * Replaces all that the disk holds of the log: `entries` are then what follows it, which for a
   * snapshot made here includes entries that were written before. Null: none.
   */
  readonly snapshot: Snapshot | null;
  /** Replace whatever the log holds from `entries[0].index` on. */
  readonly entries: readonly Entry[];
  /** Entries before this index may be dropped; 0: none. */
  readonly compactTo: number;
}

/**
 * What the host must do, in this order, any part of it at once. Nothing here waits for the disk:
 * a message that must follow a write is held back inside the machine until the write's `written`.
 */
export type RaftOutput =
  | { readonly kind: "write"; readonly write: RaftWrite }
  | { readonly kind: "send"; readonly message: RaftMessage }
  /** Replaces the state machine by a snapshot that was received; it is durable here. */
  | { readonly kind: "restore"; readonly snapshot: Snapshot }
  /** Committed and durable here: to be applied in order. Never empty, never repeated. */
  | { readonly kind: "apply"; readonly entries: readonly Entry[] }
  /** The change that was just applied, or the snapshot just restored, brought this membership. */
  | { readonly kind: "membership"; readonly membership: Membership }
  /** The role, the term or the known leader changed. */
  | {
      readonly kind: "role";
      readonly role: Role;
      readonly term: number;
      readonly leader: MemberId | null;
    }
  /** The log ends before an entry that was acknowledged: the disk is not what it was. */
  | { readonly kind: "lost-entries"; readonly acknowledged: number; readonly held: number }
  /** The answer to `propose` and `propose-config`, in the same step. */
  | { readonly kind: "proposed"; readonly index: number; readonly term: number }
  | { readonly kind: "refused"; readonly reason: RefusedReason }
  /** `heard`: of a follower's read, whom its leader hears, itself among them, if it has told. */
  | {
      readonly kind: "read-ready";
      readonly readContext: number;
      readonly index: number;
      readonly heard: readonly MemberId[];
    }
  | { readonly kind: "read-failed"; readonly readContext: number };

export type Role = "follower" | "pre-candidate" | "candidate" | "leader";

export type RefusedReason =
  | "not-leader"
  | "transferring"
  | "too-many-uncommitted-bytes"
  | "config-change-pending"
  | "config-change-invalid";

/** The random stream and the two halves that make a member. */
export interface RaftStart {
  readonly config: RaftConfig;
  readonly durable: RaftDurable;
  readonly random: RandomSource;
}

/** What the machine draws from: `Random`, or anything of this shape in a test. */
export type RandomSource = Pick<Random, "u32" | "below">;

/** What anyone may look at: the fields of the paper's figure 2. */
export interface RaftStatus {
  readonly id: MemberId;
  readonly role: Role;
  readonly term: number;
  readonly vote: MemberId | null;
  readonly leader: MemberId | null;
  /** `applied <= stable`, `applied <= commit <= last`. */
  readonly commit: number;
  readonly applied: number;
  /** The last index that this member's disk has acknowledged. */
  readonly stable: number;
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
  /** The newest in the log, which is the one that counts, committed or not. */
  readonly membership: Membership;
}
