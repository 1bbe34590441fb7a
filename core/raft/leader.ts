import type { RefusedReason } from "./contract.ts";
import { Leadership } from "./leadership.ts";
import { changed, isVoter } from "./membership.ts";
import type { ConfigChange, Entry, MemberId, Payload, RaftMessage } from "./message.ts";
import type { Progress } from "./progress.ts";
import { expireReads, finishConfirmed, startWaitingReads } from "./reads.ts";
import {
  broadcastAppend,
  broadcastCommit,
  broadcastHeartbeat,
  retrySnapshot,
  sendAppend,
} from "./replicate.ts";
import { becomeFollower, enterTerm } from "./roles.ts";
import type { RaftState } from "./state.ts";

type AppendResponse = Extract<RaftMessage, { kind: "append-response" }>;

/** Leads from now on, and opens the term with an empty entry (paper section 8). */
export function becomeLeader(state: RaftState): void {
  const { log, id, term } = state;
  enterTerm(state, term);
  state.role = "leader";
  state.leader = id;
  const uncommitted = log.bytesBetween(log.commit + 1, log.lastIndex);
  const leadership = new Leadership(state.config, uncommitted);
  state.leadership = leadership;
  leadership.reconfigure(state.membership, state.leaving, log.lastIndex + 1);
  for (const peer of leadership.peers) peer.active = false;
  noteOwnMatch(state, leadership);
  if (state.planted("R06") || state.planted("R20")) return;
  append(state, leadership, { kind: "empty", term, index: log.lastIndex + 1 });
}

/** The leader's clock: heartbeats, the check of its quorum, and an end to what takes too long. */
export function tickLeader(state: RaftState, leadership: Leadership): void {
  const { electionTicks, heartbeatTicks } = state.config;
  leadership.roundAtTick[state.ticks % electionTicks] = leadership.round;
  state.electionElapsed += 1;
  leadership.heartbeatElapsed += 1;
  if (state.electionElapsed >= electionTicks) {
    state.electionElapsed = 0;
    if (!keepsQuorum(state, leadership)) {
      state.probe?.reachable("leader-without-quorum-steps-down");
      becomeFollower(state, state.term, null);
      return;
    }
    state.probe?.sometimes(leadership.transferTo !== null, "transfer-runs-out");
    if (!state.planted("R37")) leadership.transferTo = null;
  }
  if (leadership.heartbeatElapsed >= heartbeatTicks) {
    leadership.heartbeatElapsed = 0;
    broadcastHeartbeat(state, leadership);
  }
  expireReads(state);
  leaveJointWhenDue(state, leadership);
}

export function propose(state: RaftState, payload: Payload): void {
  const { leadership, log, term } = state;
  const reason = whyNoProposal(state, payload.size);
  if (leadership === null || reason !== null) {
    refuse(state, reason ?? "not-leader");
    return;
  }
  leadership.uncommittedBytes += payload.size;
  if (state.planted("R14") && log.lastIndex > log.commit) state.truncateFrom(log.lastIndex);
  const index = log.lastIndex + 1;
  append(state, leadership, { kind: "payload", term, index, payload });
  state.outbox.answers.push({ kind: "proposed", index, term });
}

export function proposeConfig(state: RaftState, change: ConfigChange): void {
  const { leadership, log, term } = state;
  const reason = whyNoProposal(state, 0) ?? whyNoChange(state, change);
  if (leadership === null || reason !== null) {
    refuse(state, reason ?? "not-leader");
    return;
  }
  const index = log.lastIndex + 1;
  appendChange(state, leadership, change);
  state.outbox.answers.push({ kind: "proposed", index, term });
}

/** A follower's answer to an append or a snapshot (etcd/raft raft.go stepLeader). */
export function onAppendResponse(state: RaftState, message: AppendResponse): void {
  const { leadership, log } = state;
  const peer = leadership?.progress.get(message.from);
  if (leadership === null || peer === undefined || message.from === state.id) return;
  peer.active = true;
  peer.heardAt = state.ticks;
  if (message.rejected) {
    onRefusal(state, peer, message);
    return;
  }
  if (message.index > log.lastIndex) return;
  const news = peer.accepted(message.index);
  if (!news && !(peer.state === "probe" && peer.match === message.index)) return;
  advance(state, peer, message.index);
  commitWhatQuorumHolds(state);
  while (sendAppend(state, peer, false)) {
    // The answer made room for more than one append.
  }
  if (peer.idle && peer.wantsCommit(log.commit)) sendAppend(state, peer, true);
  handOver(state, leadership, peer);
}

/** Answers to heartbeats confirm reads, and revive a follower whose messages were lost. */
export function onHeartbeatResponse(state: RaftState, from: MemberId, round: number): void {
  const { leadership } = state;
  const peer = leadership?.progress.get(from);
  if (leadership === null || peer === undefined) return;
  peer.heard(state.ticks);
  peer.ackedRound = Math.max(peer.ackedRound, Math.min(round, leadership.round));
  retrySnapshot(state, peer);
  if (peer.match < state.log.lastIndex || peer.state === "probe") sendAppend(state, peer, true);
  finishConfirmed(state, leadership);
}

export function onUnreachable(state: RaftState, member: MemberId): void {
  const peer = state.leadership?.progress.get(member);
  if (peer?.state === "replicate") peer.probe();
}

/** Tries again once the follower is heard from. */
export function onSnapshotFailed(state: RaftState, member: MemberId): void {
  const peer = state.leadership?.progress.get(member);
  if (peer?.state !== "snapshot") return;
  state.probe?.reachable("snapshot-given-up");
  peer.snapshotIndex = 0;
  peer.probe();
  peer.paused = true;
}

/** Makes `to` leader as soon as its log is complete; ends after an election timeout. */
export function transfer(state: RaftState, to: MemberId): void {
  const { leadership } = state;
  const peer = leadership?.progress.get(to);
  if (leadership === null || peer === undefined || to === state.id) return;
  if (!isVoter(state.membership, to) || leadership.transferTo === to) return;
  leadership.transferTo = to;
  state.electionElapsed = 0;
  if (!handOver(state, leadership, peer)) sendAppend(state, peer, true);
}

/** The own disk has moved on: the leader counts itself only now (thesis 10.2.1). */
export function onOwnWrite(state: RaftState): void {
  const { leadership } = state;
  if (leadership === null) return;
  noteOwnMatch(state, leadership);
  commitWhatQuorumHolds(state);
}

/**
 * A change of membership is committed and applied: those who left are let go, and a leader among
 * them steps down (thesis 4.2.2). They were told, so that they do not campaign.
 */
export function onChangeApplied(state: RaftState): void {
  const { leadership, membership } = state;
  if (leadership === null || state.changePending) return;
  broadcastCommit(state, leadership, true);
  leadership.reconfigure(membership, state.leaving, state.log.lastIndex + 1);
  if (isVoter(membership, state.id)) return;
  state.probe?.reachable("leader-removed-steps-down");
  becomeFollower(state, state.term, null);
}

/** Leaves a joint configuration that is to be left by itself, once it is in effect. */
export function leaveJointWhenDue(state: RaftState, leadership: Leadership): void {
  if (!state.membership.autoLeave || leadership.transferTo !== null) return;
  if (state.changePending) return;
  const change: ConfigChange = { transition: "auto", steps: [] };
  if (whyNoChange(state, change) === null) appendChange(state, leadership, change);
}

function append(state: RaftState, leadership: Leadership, entry: Entry): void {
  state.append(entry);
  noteOwnMatch(state, leadership);
  broadcastAppend(state, leadership);
}

function appendChange(state: RaftState, leadership: Leadership, change: ConfigChange): void {
  const { log, term } = state;
  const index = log.lastIndex + 1;
  state.append({ kind: "config", term, index, change });
  leadership.reconfigure(state.membership, state.leaving, index);
  noteOwnMatch(state, leadership);
  broadcastAppend(state, leadership);
}

function noteOwnMatch(state: RaftState, leadership: Leadership): void {
  const own = leadership.progress.get(state.id);
  if (own === undefined) return;
  own.match = state.planted("R08") ? state.log.lastIndex : state.log.stable;
  own.next = state.log.lastIndex + 1;
}

/**
 * Commits what a quorum holds, if its last entry is of this term: an older one may still be
 * replaced by another leader (paper 5.4.2 and figure 8).
 */
function commitWhatQuorumHolds(state: RaftState): void {
  const { leadership, log } = state;
  if (leadership === null) return;
  const index = Math.min(leadership.matchedByQuorum(), log.lastIndex);
  if (index <= log.commit) return;
  if (log.termAt(index) !== state.term && !state.planted("R06")) {
    state.probe?.reachable("older-term-entry-waits");
    return;
  }
  leadership.uncommittedBytes -= log.bytesBetween(log.commit + 1, index);
  log.commit = index;
  startWaitingReads(state, leadership);
  broadcastCommit(state, leadership, false);
}

function onRefusal(state: RaftState, peer: Progress, message: AppendResponse): void {
  let hint = message.hintIndex;
  if (message.hintTerm > 0) hint = state.log.lastWithTermAtMost(hint, message.hintTerm).index;
  if (peer.refused(message.index, hint)) sendAppend(state, peer, true);
}

/** Where an acceptance takes a follower: from probing, or from a snapshot, to replicating. */
function advance(state: RaftState, peer: Progress, index: number): void {
  switch (peer.state) {
    case "probe":
      peer.replicate();
      return;
    case "replicate":
      peer.inflight.freeTo(index);
      return;
    case "snapshot":
      if (snapshotArrived(state, peer)) peer.replicate();
  }
}

/** Any answer from which the log can go on will do, even to an older snapshot (etcd#10308). */
function snapshotArrived(state: RaftState, peer: Progress): boolean {
  if (peer.learner && state.planted("R39")) return peer.match > peer.snapshotIndex;
  return peer.match >= state.log.baseIndex;
}

/** Tells the target of a transfer to campaign, once it has the whole log (thesis 3.10). */
function handOver(state: RaftState, leadership: Leadership, peer: Progress): boolean {
  if (leadership.transferTo !== peer.member || peer.match < state.log.lastIndex) return false;
  leadership.timeoutNowSent = true;
  state.probe?.reachable("leadership-handed-over");
  state.send({ kind: "timeout-now", from: state.id, to: peer.member, term: state.term });
  return true;
}

function keepsQuorum(state: RaftState, leadership: Leadership): boolean {
  if (!state.config.checkQuorum || state.planted("R36")) return true;
  const active = leadership.quorumActive();
  for (const peer of leadership.peers) peer.active = false;
  return active;
}

function whyNoProposal(state: RaftState, size: number): RefusedReason | null {
  const { leadership, config } = state;
  if (leadership === null) return "not-leader";
  if (leadership.transferTo !== null && !state.planted("R37")) return "transferring";
  const { uncommittedBytes } = leadership;
  if (size > 0 && uncommittedBytes > 0 && uncommittedBytes + size > config.maxUncommittedBytes) {
    return "too-many-uncommitted-bytes";
  }
  return null;
}

/**
 * One change at a time, each applied before the next is proposed, and none before an entry of
 * this term is committed (Ongaro, "bug in single-server membership changes", 2015).
 */
function whyNoChange(state: RaftState, change: ConfigChange): RefusedReason | null {
  if (state.changePending && !state.planted("R24")) return "config-change-pending";
  if (!state.commitIsOfTerm && !state.planted("R25")) return "config-change-pending";
  return changed(state.membership, change) === null ? "config-change-invalid" : null;
}

function refuse(state: RaftState, reason: RefusedReason): void {
  state.outbox.answers.push({ kind: "refused", reason });
}
