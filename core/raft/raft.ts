import { assert, unreachable } from "../base/assert.ts";
import { acceptAppend, acceptHeartbeat, acceptSnapshot } from "./accept.ts";
import { applyCommitted, restoreWritten } from "./apply.ts";
import {
  campaign,
  campaignForTransfer,
  campaignNow,
  onOwnVoteWritten,
  onVoteAnswer,
} from "./candidate.ts";
import { compact } from "./compact.ts";
import type { RaftInput, RaftOutput, RaftStart, RaftStatus, Role } from "./contract.ts";
import {
  onAppendResponse,
  onHeartbeatResponse,
  onOwnWrite,
  onSnapshotFailed,
  onUnreachable,
  propose,
  proposeConfig,
  tickLeader,
  transfer,
} from "./leader.ts";
import type { Entry, MemberId, Membership, RaftMessage } from "./message.ts";
import { collect, type Standing } from "./outputs.ts";
import type { FollowerProgress } from "./progress.ts";
import { expireReads, readAnswered, readForFollower, readHere } from "./reads.ts";
import { becomeFollower } from "./roles.ts";
import { RaftState } from "./state.ts";
import { answerVote, leaderHolds } from "./voting.ts";

/** One member of a Raft cluster, as a machine: `step` is all that changes it. */
export class Raft {
  readonly #state: RaftState;
  /** As the last `role` output told it. */
  readonly #shown: Standing;

  constructor(start: RaftStart) {
    checkConfig(start);
    this.#state = new RaftState(start);
    const { role, term, leader } = this.#state;
    this.#shown = { role, term, leader };
  }

  /** Takes one input; the outputs are to be carried out in order, any of them at once. */
  step(input: RaftInput): RaftOutput[] {
    const state = this.#state;
    take(state, input);
    applyCommitted(state);
    return collect(state, this.#shown);
  }

  get id(): MemberId {
    return this.#state.id;
  }

  get role(): Role {
    return this.#state.role;
  }

  get term(): number {
    return this.#state.term;
  }

  /** The leader of `term`, as far as this member knows. */
  get leader(): MemberId | null {
    return this.#state.leader;
  }

  get commit(): number {
    return this.#state.log.commit;
  }

  get applied(): number {
    return this.#state.log.applied;
  }

  get stable(): number {
    return this.#state.log.stable;
  }

  get firstIndex(): number {
    return this.#state.log.firstIndex;
  }

  get lastIndex(): number {
    return this.#state.log.lastIndex;
  }

  /** The newest in the log, which is the one that counts. */
  get membership(): Membership {
    return this.#state.membership;
  }

  /** Whether that membership is not applied yet. */
  get changePending(): boolean {
    return this.#state.changePending;
  }

  /** The term at `index`; 0 where the log does not reach, and at index 0. */
  termAt(index: number): number {
    return this.#state.log.termAt(index);
  }

  /** The entry at `index`; null where the log holds none. */
  entryAt(index: number): Entry | null {
    return this.#state.log.entryAt(index);
  }

  status(): RaftStatus {
    const { id, role, term, vote, leader, log, membership } = this.#state;
    const { commit, applied, stable, firstIndex, lastIndex, lastTerm } = log;
    return {
      id,
      role,
      term,
      vote,
      leader,
      commit,
      applied,
      stable,
      firstIndex,
      lastIndex,
      lastTerm,
      membership,
    };
  }

  /** A leader's view of the others, sorted by name; empty for anyone else. */
  progress(): FollowerProgress[] {
    const { leadership, ticks, config } = this.#state;
    const { heartbeatTicks } = config;
    return (leadership?.peers ?? []).map((peer) => peer.describe(ticks, heartbeatTicks));
  }
}

function checkConfig(start: RaftStart): void {
  const { electionTicks, heartbeatTicks, maxInflightMessages, maxClockDriftPpm } = start.config;
  assert(heartbeatTicks >= 1, "heartbeats are sent now and then");
  assert(electionTicks > heartbeatTicks, "a leader is heard within an election timeout");
  assert(maxInflightMessages >= 1, "at least one append may be on its way");
  assert(Number.isSafeInteger(maxClockDriftPpm), "clocks drift by whole millionths");
  assert(maxClockDriftPpm >= 0, "a clock is never faster than another by less than nothing");
}

function take(state: RaftState, input: RaftInput): void {
  switch (input.kind) {
    case "message":
      return receive(state, input.message);
    case "written":
      return written(state, input.id);
    case "propose":
      return propose(state, input.payload);
    case "tick":
      return tick(state);
    case "propose-config":
      return proposeConfig(state, input.change);
    case "campaign":
      return campaignNow(state);
    case "transfer":
      return transfer(state, input.to);
    case "forget-leader":
      return forgetLeader(state);
    case "read":
      return readHere(state, input.readContext);
    case "compact":
      return compact(state, input.index, input.keepFrom, input.payload);
    case "unreachable":
      return onUnreachable(state, input.member);
    case "snapshot-failed":
      return onSnapshotFailed(state, input.member);
    default:
      return unreachable(input);
  }
}

function tick(state: RaftState): void {
  state.ticks += 1;
  if (state.leadership !== null) {
    tickLeader(state, state.leadership);
    return;
  }
  state.electionElapsed += 1;
  expireReads(state);
  const isDue = state.electionElapsed >= state.electionTimeout;
  if (isDue || hasNobodyToWaitFor(state)) campaign(state);
}

/**
 * The only voter campaigns at its first tick (SwarmKit raft.go, campaignWhenAble): nobody else can
 * lead, unless a leader that is being removed has been heard lately.
 */
function hasNobodyToWaitFor(state: RaftState): boolean {
  if (state.role !== "follower" || state.leader !== null || leaderHolds(state)) return false;
  const { voters, outgoing } = state.membership;
  return voters.length === 1 && voters[0] === state.id && outgoing.length === 0;
}

/** The disk has caught up to the write `id`: whatever waited for it goes on. */
function written(state: RaftState, id: number): void {
  const { log } = state;
  for (let write = state.writes.take(id); write !== null; write = state.writes.take(id)) {
    state.durableTerm = write.term;
    log.stable = Math.max(log.stable, write.attests);
    if (write.restore !== null) restoreWritten(state, write.restore);
    for (const message of write.messages ?? []) {
      state.probe?.sometimes(message.term !== state.term, "write-outlives-term");
      if (message.term === state.term) state.send(message);
    }
    if (write.ownVoteTerm > 0) onOwnVoteWritten(state, write.ownVoteTerm);
  }
  onOwnWrite(state);
}

/** Steps back from a leader that the host knows to be gone; lease reads rely on following it. */
function forgetLeader(state: RaftState): void {
  if (state.role === "follower" && state.config.reads !== "lease") state.leader = null;
}

/** Terms first (paper 5.1), then by kind and role. */
function receive(state: RaftState, message: RaftMessage): void {
  if (message.term > state.term) {
    if (!admitHigherTerm(state, message)) return;
  } else if (message.term < state.term && !state.planted("R16")) {
    answerStale(state, message);
    return;
  }
  if (message.kind === "vote" || message.kind === "pre-vote") answerVote(state, message);
  else if (state.leadership !== null) receiveAsLeader(state, message);
  else receiveAsOther(state, message);
}

/**
 * A later term ends this one, but for pre-votes, which only ask about it, and for requests that a
 * member under a live leader ignores (thesis 4.2.3). False: the message is ignored.
 */
function admitHigherTerm(state: RaftState, message: RaftMessage): boolean {
  const { kind, from, term } = message;
  if (kind === "vote" || kind === "pre-vote") {
    if (!message.transfer && leaderHolds(state)) {
      state.probe?.reachable("vote-under-live-leader");
      return false;
    }
  }
  if (kind === "pre-vote") return true;
  if (kind === "pre-vote-response" && message.granted) return true;
  if (state.leadership !== null && state.planted("R17")) return false;
  becomeFollower(state, term, isFromLeader(message) ? from : null);
  return true;
}

/**
 * A message of an earlier term is ignored, but for two whose senders would be stuck without an
 * answer: a leader that we would never vote for again, since its heartbeats are too old for us
 * (etcd#8243), and a pre-candidate with the better log (etcd#8501, etcd#8525; in a joint
 * configuration openraft#1796). The answer carries the later term.
 */
function answerStale(state: RaftState, message: RaftMessage): void {
  const { id: from, term } = state;
  const to = message.from;
  if (message.kind === "pre-vote") {
    state.send({ kind: "pre-vote-response", from, to, term, granted: false });
  } else if (isFromLeader(message) && (state.config.checkQuorum || state.config.preVote)) {
    state.probe?.reachable("stale-leader-told");
    const nothing = { index: 0, rejected: false, hintIndex: 0, hintTerm: 0 };
    state.send({ kind: "append-response", from, to, term, ...nothing });
  }
}

function isFromLeader(message: RaftMessage): boolean {
  const { kind } = message;
  return kind === "append" || kind === "heartbeat" || kind === "snapshot";
}

function receiveAsLeader(state: RaftState, message: RaftMessage): void {
  switch (message.kind) {
    case "append-response":
      return onAppendResponse(state, message);
    case "heartbeat-response":
      return onHeartbeatResponse(state, message.from, message.readContext);
    case "read-index":
      return readForFollower(state, message.from, message.readContext);
    case "append":
    case "heartbeat":
    case "snapshot":
      state.probe?.unreachable("one-leader-in-a-term");
      return;
    default:
    // Answers to the campaign that is over.
  }
}

function receiveAsOther(state: RaftState, message: RaftMessage): void {
  switch (message.kind) {
    case "append":
      follow(state, message.from, true);
      return acceptAppend(state, message);
    case "heartbeat":
      follow(state, message.from, !state.planted("R19"));
      return acceptHeartbeat(state, message);
    case "snapshot":
      follow(state, message.from, true);
      return acceptSnapshot(state, message);
    case "vote-response":
      if (state.role === "candidate") onVoteAnswer(state, message.from, message.granted);
      return;
    case "pre-vote-response":
      if (state.role === "pre-candidate") onVoteAnswer(state, message.from, message.granted);
      return;
    case "timeout-now":
      if (state.role === "follower") campaignForTransfer(state);
      return;
    case "read-index":
      return readForFollower(state, message.from, message.readContext);
    case "read-index-response":
      return readAnswered(state, message.readContext, message.index);
    default:
    // Answers to a leader that this member no longer is.
  }
}

/** There is a leader in this term: a campaign is over, and the next one is put off. */
function follow(state: RaftState, leader: MemberId, putOff: boolean): void {
  if (state.role !== "follower") becomeFollower(state, state.term, leader);
  state.leader = leader;
  if (!putOff) return;
  state.electionElapsed = 0;
  state.leaderHeardAt = state.ticks;
}
