import { leaveJointWhenDue, onChangeApplied } from "./leader.ts";
import type { Entry, Snapshot } from "./message.ts";
import type { RaftState } from "./state.ts";

/** Hands over what is committed and durable here, and says where the membership changes. */
export function applyCommitted(state: RaftState): void {
  const { log } = state;
  if (log.restoring || log.applied >= Math.min(log.commit, log.stable)) return;
  while (log.applied < Math.min(log.commit, log.stable)) {
    const entries = log.slice(log.applied + 1, endOfRun(state));
    const last = entries[entries.length - 1] as Entry;
    log.applied = last.index;
    state.probe?.always(log.applied <= log.stable, "applied-is-durable");
    state.outbox.effects.push({ kind: "apply", entries });
    if (last.kind !== "config") continue;
    const at = state.memberships.find((known) => known.index === last.index);
    if (at === undefined) continue;
    state.outbox.effects.push({ kind: "membership", membership: at.membership });
    onChangeApplied(state);
  }
  if (state.leadership !== null) leaveJointWhenDue(state, state.leadership);
}

/** A received snapshot is durable: it takes the place of the state machine. */
export function restoreWritten(state: RaftState, snapshot: Snapshot): void {
  if (state.snapshot !== snapshot) return;
  state.log.applied = snapshot.index;
  state.outbox.effects.push({ kind: "restore", snapshot });
  state.outbox.effects.push({ kind: "membership", membership: snapshot.membership });
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
