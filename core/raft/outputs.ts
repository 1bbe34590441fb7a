import type { RaftOutput, RaftWrite, Role } from "./contract.ts";
import type { HardState, MemberId } from "./message.ts";
import type { RaftState } from "./state.ts";

/** What `role` tells a host, as it was told last (etcd/raft's `SoftState`, and the term). */
export interface SoftState {
  role: Role;
  term: number;
  leader: MemberId | null;
}

/**
 * Turns what one step has gathered into its outputs, in the contract's order. The lists are handed
 * over, not emptied: a step has few of them, and emptying an array costs more than a new one.
 */
export function collect(state: RaftState, before: SoftState): RaftOutput[] {
  const { outbox } = state;
  const write = takeWrite(state);
  releaseHeld(state);
  const { sends } = outbox;
  const outputs: RaftOutput[] = write === null ? sends : [{ kind: "write", write }, ...sends];
  outbox.sends = [];
  if (outbox.effects.length > 0) {
    for (const effect of outbox.effects) outputs.push(effect);
    outbox.effects = [];
  }
  noteSoftState(state, before, outputs);
  if (outbox.answers.length > 0) {
    for (const answer of outbox.answers) outputs.push(answer);
    outbox.answers = [];
  }
  return outputs;
}

function noteSoftState(state: RaftState, before: SoftState, outputs: RaftOutput[]): void {
  const { role, term, leader } = state;
  if (role === before.role && term === before.term && leader === before.leader) return;
  before.role = role;
  before.term = term;
  before.leader = leader;
  outputs.push({ kind: "role", role, term, leader });
}

/** Everything this step has to make durable, as one write; null when there is nothing. */
function takeWrite(state: RaftState): RaftWrite | null {
  const { outbox, log } = state;
  const { snapshot, compactTo } = outbox;
  const changed = outbox.hardStateChanged;
  if (!changed && snapshot === null && log.unsaved > log.lastIndex) return null;
  // A snapshot replaces the log on disk, so what follows it is written again.
  const from = snapshot === null ? log.unsaved : snapshot.index + 1;
  const entries = log.slice(from, log.lastIndex);
  const restore = outbox.received ? snapshot : null;
  const id = state.writes.add(state.term, log.lastIndex, outbox.ownVoteTerm, restore);
  log.unsaved = log.lastIndex + 1;
  outbox.hardStateChanged = false;
  outbox.snapshot = null;
  outbox.received = false;
  outbox.compactTo = 0;
  outbox.ownVoteTerm = 0;
  return { id, hardState: changed ? hardStateOf(state) : null, snapshot, entries, compactTo };
}

/** What must wait for the disk waits for the newest write; with none in flight it may leave. */
function releaseHeld(state: RaftState): void {
  const { outbox, writes } = state;
  if (outbox.held.length === 0) return;
  const { newest } = writes;
  if (newest === null) for (const message of outbox.held) state.send(message);
  else if (newest.messages === null) newest.messages = outbox.held;
  else newest.messages.push(...outbox.held);
  outbox.held = [];
}

function hardStateOf(state: RaftState): HardState {
  if (state.planted("R02")) return { term: state.hardStateAtStart.term, vote: null };
  return { term: state.term, vote: state.planted("R01") ? null : state.vote };
}
