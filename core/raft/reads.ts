import type { Leadership, PendingRead } from "./leadership.ts";
import type { MemberId } from "./message.ts";
import { broadcastHeartbeat } from "./replicate.ts";
import type { RaftState } from "./state.ts";

/**
 * Reads that see everything committed before they were asked (thesis 6.4).
 *
 * Model: a leader notes its commit index, then proves that it still led afterwards: by a round of
 * heartbeats that a quorum answers, or by a lease that such a round has left behind. A follower
 * asks its leader for the index. The host serves the read once it has applied that index.
 *
 * 1. Before an entry of its own term is committed a leader does not know what is committed
 *    (thesis 6.4 step 1): reads wait for that.
 * 2. A round is numbered, and an answer to round r also answers all before it.
 * 3. A lost answer fails a read after an election timeout; the host may ask again.
 * 4. The lease: those who answered a round vote for nobody else for `electionTicks` of theirs. How
 *    many ticks of the leader's surely pass in less time, `leaseTicks` says. A read for which no
 *    lease holds takes a round: when the last answered one is too old, without `checkQuorum`, once
 *    a transfer has told someone of this term to campaign at once, and where clocks may drift so
 *    far that nothing is left of a lease.
 */

const million = 1_000_000;
const nobody: readonly MemberId[] = [];

/** Reads pending at one member, at most; more fail at once. */
const maxPendingReads = 4096;

/** The host of this member wants to read. */
export function readHere(state: RaftState, readContext: number): void {
  if (state.leadership !== null) {
    readAtLeader(state, state.leadership, state.id, readContext);
  } else if (state.leader === null || state.forwardedReads.size >= maxPendingReads) {
    state.outbox.answers.push({ kind: "read-failed", readContext });
  } else {
    forward(state, state.leader, readContext);
  }
}

/** A follower asks on behalf of its host. */
export function readForFollower(state: RaftState, from: MemberId, readContext: number): void {
  if (state.leadership === null) answer(state, from, readContext, null);
  else readAtLeader(state, state.leadership, from, readContext);
}

/** The leader's answer to a read forwarded from here, and whom it hears. */
export function readAnswered(
  state: RaftState,
  number: number,
  index: number | null,
  heard: readonly MemberId[],
): void {
  const read = state.forwardedReads.get(number);
  if (read === undefined) return;
  state.forwardedReads.delete(number);
  const { readContext } = read;
  if (index === null) state.outbox.answers.push({ kind: "read-failed", readContext });
  else state.outbox.answers.push({ kind: "read-ready", readContext, index, heard });
}

/** The first entry of the leader's term is committed: reads that waited for it may start. */
export function startWaitingReads(state: RaftState, leadership: Leadership): void {
  if (leadership.reads.length === 0 || !knowsCommit(state)) return;
  const waiting = leadership.reads.filter((read) => read.round === 0);
  if (waiting.length === 0) return;
  broadcastHeartbeat(state, leadership);
  for (const read of waiting) {
    read.index = state.log.commit;
    read.round = leadership.round;
  }
  finishConfirmed(state, leadership);
}

/** Answers the reads whose round a quorum has answered. */
export function finishConfirmed(state: RaftState, leadership: Leadership): void {
  const { reads } = leadership;
  if (reads.length === 0) return;
  const round = leadership.roundOfQuorum();
  let done = 0;
  for (const read of reads) {
    if (read.round === 0 || read.round > round) break;
    answer(state, read.from, read.readContext, read.index);
    done += 1;
  }
  if (done > 0) leadership.reads = reads.slice(done);
}

/** Every tick: reads that were not answered in an election timeout have failed. */
export function expireReads(state: RaftState): void {
  const { leadership } = state;
  if (leadership !== null && leadership.reads.length > 0) {
    const expired = leadership.reads.filter((read) => read.deadline < state.ticks);
    leadership.reads = leadership.reads.slice(expired.length);
    for (const read of expired) answer(state, read.from, read.readContext, null);
  }
  for (const [number, read] of state.forwardedReads) {
    if (read.deadline >= state.ticks) break;
    readAnswered(state, number, null, nobody);
  }
}

/** The term or the role is about to change: nothing pending can be confirmed. */
export function failReads(state: RaftState): void {
  for (const read of state.leadership?.reads ?? []) {
    if (read.from === state.id) answer(state, read.from, read.readContext, null);
  }
  if (state.leadership !== null) state.leadership.reads = [];
  for (const number of [...state.forwardedReads.keys()]) readAnswered(state, number, null, nobody);
}

function forward(state: RaftState, leader: MemberId, readContext: number): void {
  state.lastForwarded += 1;
  const number = state.lastForwarded;
  const deadline = state.ticks + state.config.electionTicks;
  state.forwardedReads.set(number, { readContext, deadline });
  const { id: from, term } = state;
  state.send({ kind: "read-index", from, to: leader, term, readContext: number });
}

function readAtLeader(
  state: RaftState,
  leadership: Leadership,
  from: MemberId,
  readContext: number,
): void {
  if (leadership.reads.length >= maxPendingReads) {
    answer(state, from, readContext, null);
    return;
  }
  const deadline = state.ticks + state.config.electionTicks;
  const read: PendingRead = { from, readContext, deadline, index: 0, round: 0 };
  if (!knowsCommit(state)) {
    state.probe?.reachable("read-waits-for-term");
    leadership.reads.push(read);
    return;
  }
  if (state.planted("R21") || leaseHolds(state, leadership)) {
    state.probe?.reachable("lease-read");
    answer(state, from, readContext, state.log.commit);
    return;
  }
  broadcastHeartbeat(state, leadership);
  read.index = state.log.commit;
  read.round = leadership.round;
  leadership.reads.push(read);
  finishConfirmed(state, leadership);
}

function knowsCommit(state: RaftState): boolean {
  return state.commitIsOfTerm || state.planted("R23");
}

/** Whether no other leader can have been elected by now (point 4 above). */
function leaseHolds(state: RaftState, leadership: Leadership): boolean {
  const { reads, checkQuorum, electionTicks, maxClockDriftPpm } = state.config;
  if (reads !== "lease" || !checkQuorum) return false;
  if (state.planted("R22")) return true;
  state.probe?.sometimes(leadership.timeoutNowSent, "lease-read-after-transfer");
  if (leadership.timeoutNowSent) return false;
  const age = leaseTicks(electionTicks, maxClockDriftPpm);
  if (age <= 0) return false;
  const then = leadership.roundAtTick[
    (state.ticks + electionTicks - age) % electionTicks
  ] as number;
  return leadership.roundOfQuorum() > then;
}

/**
 * For how many ticks after the one in which a round was sent a leader may trust its answers; 0 or
 * less: never. Ticks are not in phase: a follower that has counted `electionTicks` since the round
 * has waited for one tick less, and a leader that has counted n since it sent the round has waited
 * for less than n + 1. By then the fastest of clocks must not show as much as the follower waits:
 * (n + 1) * (1 + drift) <= electionTicks - 1.
 */
export function leaseTicks(electionTicks: number, maxClockDriftPpm: number): number {
  return Math.floor(((electionTicks - 1) * million) / (million + maxClockDriftPpm)) - 1;
}

function answer(state: RaftState, to: MemberId, readContext: number, index: number | null): void {
  const { id: from, term } = state;
  if (to !== from) {
    const heard = index === null ? nobody : heardBy(state);
    state.send({ kind: "read-index-response", from, to, term, readContext, index, heard });
  } else if (index === null) state.outbox.answers.push({ kind: "read-failed", readContext });
  else state.outbox.answers.push({ kind: "read-ready", readContext, index, heard: nobody });
}

function heardBy({ id, ticks, leadership, config }: RaftState): readonly MemberId[] {
  const peers = leadership?.peers ?? [];
  const heard = peers.filter((peer) => peer.isReachable(ticks, config.heartbeatTicks));
  return [id, ...heard.map(({ member }) => member)];
}
