import { sortedText } from "../base/order.ts";
import type { RaftConfig } from "./contract.ts";
import { membersOf } from "./membership.ts";
import type { MemberId, Membership } from "./message.ts";
import { Progress } from "./progress.ts";
import { majorityOf, reachedBy, tooFewOf } from "./quorum.ts";

/** A read that waits for a quorum to confirm that this member still leads. */
export interface PendingRead {
  /** Who asked; the leader itself for its host's reads. */
  readonly from: MemberId;
  readonly readContext: number;
  /** The tick after which it has failed. */
  readonly deadline: number;
  /** What the read must see; set, with `round`, once an entry of the term is committed. */
  index: number;
  /** The round of heartbeats sent for it; 0: none yet. */
  round: number;
}

/** What only a leader knows; made anew at each election. */
export class Leadership {
  /** All members, by name; those of both halves of a joint configuration, and learners. */
  readonly progress = new Map<MemberId, Progress>();
  /** Everyone but the leader, sorted by name. */
  peers: Progress[] = [];
  voters: Progress[] = [];
  outgoing: Progress[] = [];

  heartbeatElapsed = 0;
  /** Bytes of payloads in the log that are not committed. */
  uncommittedBytes: number;

  /** The member that is being made leader; null: none. */
  transferTo: MemberId | null = null;
  /** A member of this term may campaign at any moment without waiting for a lease to run out. */
  timeoutNowSent = false;

  /** The number of the last round of heartbeats. */
  round = 0;
  /** By tick, modulo `electionTicks`: `round` as it stood when the tick began; 0 at first. */
  readonly roundAtTick: number[];
  /** Reads in the order they came, hence of their rounds. */
  reads: PendingRead[] = [];

  readonly #config: RaftConfig;
  /** Room for the arithmetic of each acknowledgement. */
  #voterValues: number[] = [];
  #outgoingValues: number[] = [];

  constructor(config: RaftConfig, uncommittedBytes: number) {
    this.#config = config;
    this.roundAtTick = new Array(config.electionTicks).fill(0);
    this.uncommittedBytes = uncommittedBytes;
  }

  /**
   * Takes over `membership`: keeps what is known of those who stay, and probes others at `next`.
   * Those in `leaving` are sent what happens, but do not count.
   */
  reconfigure(membership: Membership, leaving: readonly MemberId[], next: number): void {
    const { id, planted } = this.#config;
    const members = sortedText(new Set([...membersOf(membership), ...leaving]));
    for (const member of [...this.progress.keys()]) {
      if (!members.includes(member)) this.progress.delete(member);
    }
    for (const member of members) {
      const progress = this.progress.get(member) ?? this.#newcomer(member, next);
      progress.learner = membership.learners.includes(member);
      this.progress.set(member, progress);
    }
    const known = (member: MemberId) => this.progress.get(member) as Progress;
    this.peers = members.filter((member) => member !== id).map(known);
    this.voters = membership.voters.map(known);
    this.outgoing = (planted === "R26" ? [] : membership.outgoing).map(known);
    this.#voterValues = this.voters.map(() => 0);
    this.#outgoingValues = this.outgoing.map(() => 0);
  }

  /** The highest index that is durable at a quorum of each half. */
  matchedByQuorum(): number {
    const incoming = this.#matchedBy(this.voters, this.#voterValues);
    if (this.outgoing.length === 0) return incoming;
    return Math.min(incoming, this.#matchedBy(this.outgoing, this.#outgoingValues));
  }

  #matchedBy(half: readonly Progress[], values: number[]): number {
    for (let at = 0; at < half.length; at += 1) values[at] = (half[at] as Progress).match;
    const { planted } = this.#config;
    const needed = planted === "R07" ? tooFewOf(half.length) : majorityOf(half.length);
    if (planted === "R28") {
      return reachedBy([...values, ...this.#learnerMatches()], needed);
    }
    return reachedBy(values, needed);
  }

  #learnerMatches(): number[] {
    return this.peers.filter((peer) => peer.learner).map((peer) => peer.match);
  }

  /** The newest round of heartbeats that a quorum of each half has answered. */
  roundOfQuorum(): number {
    return Math.min(this.#roundOf(this.voters), this.#roundOf(this.outgoing));
  }

  #roundOf(half: readonly Progress[]): number {
    const { id } = this.#config;
    const rounds = half.map(({ member, ackedRound }) => (member === id ? this.round : ackedRound));
    return reachedBy(rounds, majorityOf(half.length));
  }

  /** Whether a quorum of each half was heard since the last check. */
  quorumActive(): boolean {
    return this.#halfActive(this.voters) && this.#halfActive(this.outgoing);
  }

  #halfActive(half: readonly Progress[]): boolean {
    if (half.length === 0) return true;
    const { id } = this.#config;
    const active = half.filter((progress) => progress.active || progress.member === id);
    return active.length >= majorityOf(half.length);
  }

  /** Counted as active at first, so that adding a member does not look like losing one. */
  #newcomer(member: MemberId, next: number): Progress {
    const { maxInflightMessages, maxInflightBytes, probe } = this.#config;
    const most = probe?.buggify("one-append-in-flight") === true ? 1 : maxInflightMessages;
    const progress = new Progress(member, next, most, maxInflightBytes);
    progress.active = true;
    return progress;
  }
}
