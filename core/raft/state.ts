import type { PlantedBug } from "../base/planted.ts";
import type { Probe } from "../base/probe.ts";
import type { RaftConfig, RaftOutput, RaftStart, RandomSource, Role } from "./contract.ts";
import type { Leadership } from "./leadership.ts";
import { Log } from "./log.ts";
import { changed, isVoter, membersOf } from "./membership.ts";
import type { Entry, HardState, MemberId, Membership, RaftMessage, Snapshot } from "./message.ts";
import { jointResult, majorityOf, tooFewOf, type VoteResult, voteResult } from "./quorum.ts";
import { WritesInFlight } from "./writes.ts";

/** A membership and the index of the entry or snapshot that brought it. */
export interface MembershipAt {
  readonly index: number;
  readonly membership: Membership;
}

/** A read that a follower has asked its leader about. */
export interface ForwardedRead {
  readonly readContext: number;
  /** The tick after which it has failed. */
  readonly deadline: number;
}

/** What one step has gathered so far; `Raft.step` turns it into outputs and empties it. */
export interface StepOutputs {
  /** Messages that may leave at once. */
  sends: RaftOutput[];
  /** Messages that leave once the newest write is durable. */
  held: RaftMessage[];
  /** `restore`, `apply` and `membership`, in the order in which they happened. */
  effects: RaftOutput[];
  /** `proposed`, `refused`, `read-ready` and `read-failed`. */
  answers: RaftOutput[];
  hardStateChanged: boolean;
  /** A snapshot to write; `received` when it replaces the log, else it was made here. */
  snapshot: Snapshot | null;
  received: boolean;
  compactTo: number;
  /** The term in which the own vote counts once the write is durable; 0: none. */
  ownVoteTerm: number;
}

/** All that one member knows: the paper's figure 2, and what this machine adds to it. */
export class RaftState {
  readonly id: MemberId;
  readonly config: RaftConfig;
  readonly random: RandomSource;
  readonly log: Log;
  readonly writes = new WritesInFlight();
  readonly outbox: StepOutputs = emptyOutbox();
  /** What was on disk at the start. */
  readonly hardStateAtStart: HardState;

  term: number;
  vote: MemberId | null;
  role: Role = "follower";
  leader: MemberId | null = null;

  /**
   * The memberships that the log brings, by index, from the one that the next snapshot needs on.
   * The last counts, committed or not (thesis 4.1): so a restart needs no commit index, and those
   * who were removed are not needed any more once their removal is committed.
   */
  memberships: MembershipAt[];
  /** The newest snapshot, made here or received; null before the first. */
  snapshot: Snapshot | null;

  /** The term on disk: `durableTerm <= term`. */
  durableTerm: number;
  /** Ticks since the start. */
  ticks = 0;
  /** Ticks since the leader was heard or, for a leader, since it checked its quorum. */
  electionElapsed = 0;
  /**
   * The tick at which a leader was last heard, whatever its term. A member that has just started
   * may have forgotten one that it heard, unless it has never been in a term.
   */
  leaderHeardAt: number;
  /** `electionTicks <= electionTimeout < 2 * electionTicks`. */
  electionTimeout = 0;
  /** Answers to the current campaign, by voter. */
  readonly votes = new Map<MemberId, boolean>();
  /** Not null exactly while leader. */
  leadership: Leadership | null = null;

  /** Reads asked of the leader, by their number on the wire. */
  readonly forwardedReads = new Map<number, ForwardedRead>();
  /**
   * The last number given to a forwarded read. It starts at random, so that an answer to an
   * earlier life of this member is not taken for one to this.
   */
  lastForwarded: number;

  constructor(start: RaftStart) {
    const { hardState, snapshot, entries, bootstrap } = start.durable;
    const base = snapshot ?? { index: 0, term: 0 };
    this.id = start.config.id;
    this.config = start.config;
    this.random = start.random;
    this.log = new Log(base);
    this.hardStateAtStart = hardState;
    this.term = hardState.term;
    this.durableTerm = hardState.term;
    this.vote = hardState.vote;
    this.leaderHeardAt = hardState.term > 0 ? 0 : -start.config.electionTicks;
    this.snapshot = snapshot;
    this.memberships = [{ index: base.index, membership: snapshot?.membership ?? bootstrap }];
    this.lastForwarded = start.random.u32() * 0x10_0000;
    for (const entry of entries) if (entry.index > base.index) this.append(entry);
    this.log.stable = this.log.lastIndex;
    this.log.unsaved = this.log.lastIndex + 1;
    this.drawElectionTimeout();
  }

  /** The newest membership in the log. */
  get membership(): Membership {
    return (this.memberships.at(-1) as MembershipAt).membership;
  }

  /** Whether the newest change of membership is not applied yet. */
  get changePending(): boolean {
    return (this.memberships.at(-1) as MembershipAt).index > this.log.applied;
  }

  /** Members before the newest change, as long as that is pending: some of them may be leaving. */
  get leaving(): readonly MemberId[] {
    const before = this.memberships.at(-2);
    return before !== undefined && this.changePending ? membersOf(before.membership) : [];
  }

  /** Whether the deliberate bug `bug` is switched on; never in production. */
  planted(bug: PlantedBug): boolean {
    return this.config.planted === bug;
  }

  get probe(): Probe | null {
    return this.config.probe;
  }

  /** Randomised so that members seldom campaign at the same moment (paper 5.2). */
  drawElectionTimeout(): void {
    const { electionTicks } = this.config;
    const extra = this.planted("R18") ? 0 : this.random.below(electionTicks);
    const isHasty = this.probe?.buggify("early-election") === true;
    this.electionTimeout = electionTicks + (isHasty ? Math.floor(extra / 2) : extra);
  }

  /** Sends at once, or once the message's term is durable: a term is a promise too. */
  send(message: RaftMessage): void {
    const { kind, term } = message;
    const promises = kind !== "pre-vote" && kind !== "pre-vote-response";
    if (promises && term > this.durableTerm) this.sendOnceWritten(message);
    else this.outbox.sends.push({ kind: "send", message });
  }

  /** Sends once all that this member has stored so far is durable. */
  sendOnceWritten(message: RaftMessage): void {
    this.outbox.held.push(message);
  }

  /** Counts the votes of the current campaign in both halves of the membership. */
  countVotes(): VoteResult {
    const { voters, outgoing } = this.membership;
    return jointResult(this.#countHalf(voters), this.#countHalf(outgoing));
  }

  #countHalf(voters: readonly MemberId[]): VoteResult {
    let granted = 0;
    let refused = 0;
    for (const voter of voters) {
      const vote = this.votes.get(voter);
      if (vote === true) granted += 1;
      if (vote === false) refused += 1;
    }
    const needed = this.planted("R05") ? tooFewOf(voters.length) : majorityOf(voters.length);
    return voteResult(voters.length, granted, refused, needed);
  }

  /**
   * Whether the log is known to hold all that was ever committed up to `log.commit`: an entry of
   * the own term is committed (paper section 8). Before that a leader serves no reads.
   */
  get commitIsOfTerm(): boolean {
    return this.log.termAt(this.log.commit) === this.term;
  }

  /**
   * Whether this member may campaign: it is a voter, and no received snapshot is being written.
   * A voter whose removal is in its log but not committed may still be the only one who can bring
   * it to the others, so it campaigns too, without counting itself (thesis 4.2.2).
   */
  get promotable(): boolean {
    if (this.log.restoring) return false;
    if (this.planted("R27") && this.membership.learners.includes(this.id)) return true;
    if (isVoter(this.membership, this.id)) return true;
    const newest = this.memberships.at(-1) as MembershipAt;
    const before = this.memberships.at(-2);
    if (before === undefined || newest.index <= this.log.commit) return false;
    return isVoter(before.membership, this.id);
  }

  /** Adds an entry; a change of membership takes effect at once. */
  append(entry: Entry): void {
    this.log.append(entry);
    if (entry.kind !== "config") return;
    const membership = changed(this.membership, entry.change);
    if (membership !== null) this.memberships.push({ index: entry.index, membership });
  }

  /** Cuts off `index` and all after it, with the memberships that came from there. */
  truncateFrom(index: number): void {
    this.log.truncateFrom(index);
    this.writes.capAt(index - 1);
    while ((this.memberships.at(-1) as MembershipAt).index >= index) this.memberships.pop();
  }
}

function emptyOutbox(): StepOutputs {
  return {
    sends: [],
    held: [],
    effects: [],
    answers: [],
    hardStateChanged: false,
    snapshot: null,
    received: false,
    compactTo: 0,
    ownVoteTerm: 0,
  };
}
