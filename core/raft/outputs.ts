import type { RaftOutput, RaftWrite, Role } from "./contract.ts";
import type { HardState, MemberId } from "./message.ts";
import type { RaftState } from "./state.ts";

/** What others see of a member's place in the cluster. */
export interface Standing {
  readonly role: Role;
  readonly term: number;
  readonly leader: MemberId | null;
}

/** Turns what one step has gathered into its outputs, in the contract's order. */
export function collect(state: RaftState, before: Standing): RaftOutput[] {
  const { outbox } = state;
  const outputs: RaftOutput[] = [];
  const write = takeWrite(state);
  if (write !== null) outputs.push({ kind: "write", write });
  releaseHeld(state);
  for (const message of outbox.sends) outputs.push({ kind: "send", message });
  outbox.sends.length = 0;
  if (outbox.effects.length > 0) {
    outputs.push(...outbox.effects);
    outbox.effects.length = 0;
  }
  const { role, term, leader } = state;
  if (role !== before.role || term !== before.term || leader !== before.leader) {
    outputs.push({ kind: "role", role, term, leader });
  }
  if (outbox.answers.length > 0) {
    outputs.push(...outbox.answers);
    outbox.answers.length = 0;
  }
  return outputs;
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
  const id = state.writes.add(log.lastIndex, outbox.held, outbox.ownVoteTerm, restore);
  log.unsaved = log.lastIndex + 1;
  outbox.held = [];
  outbox.hardStateChanged = false;
  outbox.snapshot = null;
  outbox.received = false;
  outbox.compactTo = 0;
  outbox.ownVoteTerm = 0;
  return { id, hardState: changed ? hardStateOf(state) : null, snapshot, entries, compactTo };
}

/** What must wait for the disk waits for the newest write; with none in flight it may leave. */
function releaseHeld(state: RaftState): void {
  const { held, sends } = state.outbox;
  if (held.length === 0) return;
  const waitFor = state.writes.newest?.messages ?? sends;
  waitFor.push(...held);
  held.length = 0;
}

function hardStateOf(state: RaftState): HardState {
  if (state.planted("R02")) return { term: state.hardStateAtStart.term, vote: null };
  return { term: state.term, vote: state.planted("R01") ? null : state.vote };
}
