/** One member's name in the cluster; never reused after a removal. */
export type MemberId = string;

/** What the log carries. Raft reads only its size. */
export interface Payload {
  /** Bytes, as counted by the limits on messages and on uncommitted entries. */
  readonly size: number;
}

/**
 * One log entry. Immutable. `empty` opens a term, `payload` is the user's, `config` is a change of
 * membership.
 */
export type Entry = { readonly term: number; readonly index: number } & EntryData;

export type EntryData =
  | { readonly kind: "empty" }
  | { readonly kind: "payload"; readonly payload: Payload }
  | { readonly kind: "config"; readonly change: ConfigChange };

/** Who takes part. During a joint change `outgoing` is the old set of voters, else it is empty. */
export interface Membership {
  readonly voters: readonly MemberId[];
  readonly outgoing: readonly MemberId[];
  readonly learners: readonly MemberId[];
  /** Voters that become learners when the joint configuration is left. */
  readonly learnersNext: readonly MemberId[];
  /** The leader proposes leaving the joint configuration by itself. */
  readonly autoLeave: boolean;
}

/** A change of membership. `auto` uses a joint configuration only where one is needed. */
export interface ConfigChange {
  readonly transition: "auto" | "joint-implicit" | "joint-explicit";
  /** Empty leaves a joint configuration. */
  readonly steps: readonly ConfigStep[];
}

export interface ConfigStep {
  readonly kind: "add-voter" | "add-learner" | "remove";
  readonly member: MemberId;
}

/** The state machine at `index`, with the membership there. */
export interface Snapshot {
  readonly index: number;
  readonly term: number;
  readonly membership: Membership;
  readonly payload: Payload;
}

/** What must survive a crash besides the log (Raft paper, figure 2: persistent state). */
export interface HardState {
  readonly term: number;
  /** Whom this member voted for in `term`; null when it has not voted. */
  readonly vote: MemberId | null;
}

interface Addressed {
  readonly from: MemberId;
  readonly to: MemberId;
  /** The sender's term; for a pre-vote the term it would campaign in. */
  readonly term: number;
}

/** Every message between members, a union by `kind`. Immutable: simulators pass it by reference. */
export type RaftMessage = Addressed &
  (
    | {
        readonly kind: "vote" | "pre-vote";
        readonly lastIndex: number;
        readonly lastTerm: number;
        /** Sent by a leader's transfer: answered even while a leader is known. */
        readonly transfer: boolean;
      }
    | { readonly kind: "vote-response" | "pre-vote-response"; readonly granted: boolean }
    | {
        readonly kind: "append";
        readonly prevIndex: number;
        readonly prevTerm: number;
        readonly entries: readonly Entry[];
        readonly commit: number;
      }
    | {
        readonly kind: "append-response";
        /** Accepted: the last index known to match. Rejected: the `prevIndex` refused. */
        readonly index: number;
        readonly rejected: boolean;
        /** Rejected: where the logs may agree, and the term there: whole terms are skipped. */
        readonly hintIndex: number;
        readonly hintTerm: number;
      }
    | {
        readonly kind: "heartbeat";
        /** `min(match, commit)` of the follower: never past what it is known to have. */
        readonly commit: number;
        /** The number of this round of heartbeats in its term; the answer repeats it. */
        readonly readContext: number;
      }
    | { readonly kind: "heartbeat-response"; readonly readContext: number }
    | { readonly kind: "snapshot"; readonly snapshot: Snapshot }
    | { readonly kind: "timeout-now" }
    | { readonly kind: "read-index"; readonly readContext: number }
    | {
        readonly kind: "read-index-response";
        readonly readContext: number;
        /** The commit index that the read must see; null when the leader could not confirm it. */
        readonly index: number | null;
        /** Whom the leader hears, itself among them; empty: it could not confirm, or is older. */
        readonly heard: readonly MemberId[];
      }
  );
