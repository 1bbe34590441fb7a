import type { Entry, MemberId, RaftMessage } from "./message.ts";
import type { RaftState } from "./state.ts";

type Append = Extract<RaftMessage, { kind: "append" }>;
type Heartbeat = Extract<RaftMessage, { kind: "heartbeat" }>;
type SnapshotMessage = Extract<RaftMessage, { kind: "snapshot" }>;

/**
 * A follower takes what its leader sends (paper figure 2, AppendEntries and InstallSnapshot
 * receivers). Every acceptance waits for the disk; a refusal promises nothing and leaves at once.
 */
export function acceptAppend(state: RaftState, message: Append): void {
  const { log } = state;
  const { from, prevIndex, prevTerm, entries } = message;
  if (prevIndex < log.commit) {
    acknowledge(state, from, log.commit);
    return;
  }
  if (!agrees(state, prevIndex, prevTerm)) {
    refuse(state, message);
    return;
  }
  store(state, entries);
  const last = prevIndex + entries.length;
  log.commit = Math.max(log.commit, Math.min(message.commit, last));
  acknowledge(state, from, last);
}

/**
 * A heartbeat tells no follower of more than it has acknowledged to this leader: one that holds
 * less has lost what it promised (where etcd/raft panics in `commitTo`).
 */
export function acceptHeartbeat(state: RaftState, message: Heartbeat): void {
  const { log, id, term } = state;
  if (message.commit > log.lastIndex) {
    const entries = { acknowledged: message.commit, held: log.lastIndex };
    state.outbox.effects.push({ kind: "lost-entries", ...entries });
  }
  log.commit = Math.max(log.commit, Math.min(message.commit, log.lastIndex));
  const { from, readContext } = message;
  state.send({ kind: "heartbeat-response", from: id, to: from, term, readContext });
}

/**
 * Takes a snapshot in place of the log, unless the log has it all already. The state machine
 * is replaced once the snapshot is durable.
 */
export function acceptSnapshot(state: RaftState, message: SnapshotMessage): void {
  const { log } = state;
  const { snapshot, from } = message;
  if (snapshot.index > log.commit) {
    if (log.matches(snapshot.index, snapshot.term)) {
      log.commit = snapshot.index;
      state.probe?.reachable("snapshot-is-no-news");
    } else {
      state.probe?.sometimes(log.lastIndex > 0, "snapshot-replaces-log");
      state.writes.capAt(log.commit);
      log.replaceBy(snapshot);
      state.snapshot = snapshot;
      state.memberships = [{ index: snapshot.index, membership: snapshot.membership }];
      state.outbox.snapshot = snapshot;
      state.outbox.received = true;
    }
  }
  acknowledge(state, from, log.commit);
}

function agrees(state: RaftState, prevIndex: number, prevTerm: number): boolean {
  if (state.planted("R10")) return prevIndex <= state.log.lastIndex;
  return state.log.matches(prevIndex, prevTerm);
}

/** Skips what is there already; cuts off what contradicts the leader; appends the rest. */
function store(state: RaftState, entries: readonly Entry[]): void {
  const { log } = state;
  for (const entry of entries) {
    if (entry.index <= log.lastIndex) {
      if (log.termAt(entry.index) === entry.term || state.planted("R12")) continue;
      const { membership } = state;
      state.truncateFrom(entry.index);
      state.probe?.reachable("conflict-cut-off");
      state.probe?.sometimes(membership !== state.membership, "member-change-cut-off");
    }
    state.append(entry);
  }
}

function acknowledge(state: RaftState, to: MemberId, index: number): void {
  const { id: from, term } = state;
  const message: RaftMessage = {
    kind: "append-response",
    from,
    to,
    term,
    index,
    rejected: false,
    hintIndex: 0,
    hintTerm: 0,
  };
  if (state.planted("R09")) state.send(message);
  else state.sendOnceWritten(message);
}

/**
 * The hint is the last place whose term is no later than that of the refused one: no entry after
 * it can agree, so whole terms are skipped (paper 5.3; etcd/raft findConflictByTerm).
 */
function refuse(state: RaftState, message: Append): void {
  const { id: from, term, log } = state;
  const hint = log.lastWithTermAtMost(message.prevIndex, message.prevTerm);
  state.send({
    kind: "append-response",
    from,
    to: message.from,
    term,
    index: message.prevIndex,
    rejected: true,
    hintIndex: hint.index,
    hintTerm: hint.term,
  });
}
