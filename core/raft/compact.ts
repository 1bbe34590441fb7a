import { assert } from "../base/assert.ts";
import type { Membership, Payload } from "./message.ts";
import type { MembershipAt, RaftState } from "./state.ts";

/**
 * The host has made a snapshot of the state machine at `index`. The log before `keepFrom` goes;
 * what is kept before `index` spares slow followers the snapshot. A snapshot older than the
 * newest one is ignored.
 */
export function compact(state: RaftState, index: number, keepFrom: number, payload: Payload): void {
  const { log, outbox } = state;
  assert(index <= log.applied, "a snapshot holds only what was applied");
  if (index <= (state.snapshot?.index ?? 0) || index < log.firstIndex) return;
  state.probe?.sometimes(state.changePending, "snapshot-during-membership-change");
  const membership = membershipAt(state, index);
  const snapshot = { index, term: log.termAt(index), membership, payload };
  state.snapshot = snapshot;
  outbox.snapshot = snapshot;
  log.dropBefore(Math.min(keepFrom, index + 1));
  outbox.compactTo = log.firstIndex;
}

/** The membership once `index` is applied; forgets those that only earlier snapshots need. */
function membershipAt(state: RaftState, index: number): Membership {
  const { memberships } = state;
  let at = memberships.length - 1;
  while (at > 0 && (memberships[at] as MembershipAt).index > index) at -= 1;
  if (state.planted("R29")) return state.membership;
  state.memberships = memberships.slice(at);
  return (memberships[at] as MembershipAt).membership;
}
