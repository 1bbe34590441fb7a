import type { Leadership } from "./leadership.ts";
import { sizeOf } from "./log.ts";
import type { Progress } from "./progress.ts";
import type { RaftState } from "./state.ts";

/** A snapshot that is not answered in this many election timeouts is taken for lost. */
const snapshotPatience = 2;

/** Sends to every follower what it lacks. */
export function broadcastAppend(state: RaftState, leadership: Leadership): void {
  for (const peer of leadership.peers) sendAppend(state, peer, true);
}

/**
 * Tells followers the commit index. One with appends on their way gets it with the next append,
 * or once it has answered them all: so a busy leader sends no append for the commit index alone,
 * where etcd/raft sends one for each advance. `evenBusy` is for what cannot wait.
 */
export function broadcastCommit(state: RaftState, leadership: Leadership, evenBusy: boolean): void {
  const { commit } = state.log;
  for (const peer of leadership.peers) {
    if ((evenBusy || peer.idle) && peer.wantsCommit(commit)) sendAppend(state, peer, true);
  }
}

/** A round of heartbeats; its number comes back in the answers. */
export function broadcastHeartbeat(state: RaftState, leadership: Leadership): void {
  leadership.round += 1;
  const { id: from, term, log } = state;
  const readContext = leadership.round;
  for (const { member: to, match } of leadership.peers) {
    const commit = Math.min(match, log.commit);
    state.send({ kind: "heartbeat", from, to, term, commit, readContext });
  }
}

/**
 * One append to `peer`, or a snapshot where the log does not reach back far enough. Sends an
 * append without entries only if `evenEmpty`. False when nothing was sent.
 */
export function sendAppend(state: RaftState, peer: Progress, evenEmpty: boolean): boolean {
  if (peer.blocked) return false;
  const { log, config, id: from, term } = state;
  const prevIndex = peer.next - 1;
  if (prevIndex < log.baseIndex) return sendSnapshot(state, peer);
  const full = peer.state === "replicate" && peer.inflight.full;
  const isTiny = state.probe?.buggify("tiny-append") === true;
  const entries = full ? [] : log.batch(peer.next, isTiny ? 1 : config.maxMessageBytes);
  if (entries.length === 0 && !evenEmpty) return false;
  const prevTerm = log.termAt(prevIndex);
  const commit = log.commit;
  const to = peer.member;
  state.send({ kind: "append", from, to, term, prevIndex, prevTerm, entries, commit });
  let bytes = 0;
  for (const entry of entries) bytes += sizeOf(entry);
  peer.sent(entries.length, bytes, state.ticks);
  peer.sentCommit = Math.max(peer.sentCommit, Math.min(commit, prevIndex + entries.length));
  return true;
}

/** What to do about a snapshot that nobody has answered: the message may be lost. */
export function retrySnapshot(state: RaftState, peer: Progress): void {
  const patience = snapshotPatience * state.config.electionTicks;
  if (peer.state !== "snapshot" || (peer.learner && state.planted("R39"))) return;
  if (state.ticks - peer.snapshotSentAt < patience) return;
  peer.snapshotIndex = 0;
  peer.probe();
}

/** Only to a follower that answers: a snapshot is large. */
function sendSnapshot(state: RaftState, peer: Progress): boolean {
  const { snapshot, id: from, term } = state;
  if (!peer.active || snapshot === null) return false;
  peer.sendSnapshot(snapshot.index, state.ticks);
  state.send({ kind: "snapshot", from, to: peer.member, term, snapshot });
  return true;
}
