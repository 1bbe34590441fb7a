import { leaveJointWhenDue, onMembership } from "./leader.ts";
import { changed } from "./membership.ts";
import type { Entry, Membership, Snapshot } from "./message.ts";
import type { RaftState } from "./state.ts";

/**
 * Hands over what is committed and durable here. A change of membership counts from the moment
 * it is applied (as in etcd/raft; the thesis lets it count once it is in the log), and may let
 * more be committed, so this goes on until nothing moves.
 */
export function applyCommitted(state: RaftState): void {
  const { log } = state;
  if (log.restoring || log.applied >= Math.min(log.commit, log.stable)) return;
  while (log.applied < Math.min(log.commit, log.stable)) {
    const entries = log.slice(log.applied + 1, endOfRun(state));
    const last = entries[entries.length - 1] as Entry;
    log.applied = last.index;
    state.outbox.effects.push({ kind: "apply", entries });
    if (last.kind !== "config") continue;
    const membership = changed(state.membership, last.change);
    if (membership !== null) enter(state, last.index, membership);
  }
  if (state.leadership !== null) leaveJointWhenDue(state, state.leadership);
}

/** A received snapshot is durable: it takes the place of the state machine. */
export function restoreWritten(state: RaftState, snapshot: Snapshot): void {
  if (state.snapshot !== snapshot) return;
  state.log.applied = snapshot.index;
  state.memberships = [];
  state.outbox.effects.push({ kind: "restore", snapshot });
  enter(state, snapshot.index, snapshot.membership);
}

function enter(state: RaftState, index: number, membership: Membership): void {
  state.memberships.push({ index, membership });
  state.outbox.effects.push({ kind: "membership", membership });
  onMembership(state);
}

/** The next change of membership, or else the last entry that may be applied. */
function endOfRun(state: RaftState): number {
  const { log } = state;
  const end = Math.min(log.commit, log.stable);
  for (let index = log.applied + 1; index < end; index += 1) {
    if (log.entryAt(index)?.kind === "config") return index;
  }
  return end;
}
