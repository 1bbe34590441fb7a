import { assert, unreachable } from "../base/assert.ts";
import { applyCommitted, restoreWritten } from "./apply.ts";
import { campaign, campaignNow, onOwnVoteWritten } from "./candidate.ts";
import { compact } from "./compact.ts";
import type { RaftInput, RaftOutput, RaftStart, RaftStatus, Role } from "./contract.ts";
import {
  onOwnWrite,
  onSnapshotFailed,
  onUnreachable,
  propose,
  proposeConfig,
  tickLeader,
  transfer,
} from "./leader.ts";
import type { Entry, MemberId, Membership } from "./message.ts";
import { collect, type SoftState } from "./outputs.ts";
import type { FollowerProgress } from "./progress.ts";
import { expireReads, readHere } from "./reads.ts";
import { receive } from "./receive.ts";
import { RaftState } from "./state.ts";
import { leaderHolds } from "./voting.ts";

/** One member of a Raft cluster, as a machine: `step` is all that changes it. */
export class Raft {
  readonly #state: RaftState;
  /** As the last `role` output told it. */
  readonly #shown: SoftState;

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
