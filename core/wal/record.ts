import type { RaftWrite } from "../raft/contract.ts";
import type { ConfigChange, Entry, Membership, Payload, Snapshot } from "../raft/message.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";

/**
 * How what the log carries becomes bytes: in a daemon all of it, in a simulator a number under
 * which the object itself is kept.
 */
export interface PayloadCodec {
  encode(payload: Payload): Uint8Array;
  /** Null for bytes that `encode` cannot have made. */
  decode(bytes: Uint8Array): Payload | null;
}

/** What one record of the log holds: a step's writes of Raft, and something of the host's own. */
export interface WalWrite {
  /** True: all that Raft wrote before is forgotten, then `raft` is carried out. */
  readonly wipesRaft: boolean;
  readonly raft: readonly RaftWrite[];
  /** What the host must know after a crash besides Raft's state; null when it is unchanged. */
  readonly attached: Payload | null;
}

const entryKinds = ["empty", "payload", "config"] as const;
const transitions = ["auto", "joint-implicit", "joint-explicit"] as const;
const stepKinds = ["add-voter", "add-learner", "remove"] as const;

/** The body of one record. */
export function encodeWrite(
  { wipesRaft, raft, attached }: WalWrite,
  codec: PayloadCodec,
): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(wipesRaft ? 1 : 0).u32(raft.length);
  for (const part of raft) putPart(writer, part, codec);
  writer.u8(attached === null ? 0 : 1);
  if (attached !== null) writer.bytes(codec.encode(attached));
  return writer.take();
}

/** What `encodeWrite` was given; null for bytes that it cannot have made. */
export function decodeWrite(body: Uint8Array, codec: PayloadCodec): WalWrite | null {
  const reader = new ByteReader(body);
  const payload = (): Payload => {
    const decoded = codec.decode(reader.bytes());
    if (decoded === null) reader.failed = true;
    return decoded ?? { size: 0 };
  };
  const wipesRaft = flag(reader);
  const raft = reader.list(() => partOf(reader, payload));
  const attached = flag(reader) ? payload() : null;
  return reader.failed || !reader.isAtEnd ? null : { wipesRaft, raft, attached };
}

/** Hard state, snapshot mark, entries (which cut the log off where they begin), compaction. */
function putPart(writer: ByteWriter, part: RaftWrite, codec: PayloadCodec): void {
  const { id, hardState, snapshot, entries, compactTo } = part;
  writer.whole(id).whole(compactTo);
  writer.u8(hardState === null ? 0 : 1);
  if (hardState !== null) putVote(writer.whole(hardState.term), hardState.vote);
  writer.u8(snapshot === null ? 0 : 1);
  if (snapshot !== null) putSnapshot(writer, snapshot, codec);
  writer.u32(entries.length);
  for (const entry of entries) putEntry(writer, entry, codec);
}

function partOf(reader: ByteReader, payload: () => Payload): RaftWrite {
  const id = reader.whole();
  const compactTo = reader.whole();
  const hardState = flag(reader) ? { term: reader.whole(), vote: voteOf(reader) } : null;
  const snapshot = flag(reader) ? snapshotOf(reader, payload) : null;
  const entries = reader.list(() => entryOf(reader, payload));
  return { id, hardState, snapshot, entries, compactTo };
}

function putVote(writer: ByteWriter, vote: string | null): void {
  writer.u8(vote === null ? 0 : 1);
  if (vote !== null) writer.text(vote);
}

function voteOf(reader: ByteReader): string | null {
  return flag(reader) ? reader.text() : null;
}

function putSnapshot(writer: ByteWriter, snapshot: Snapshot, codec: PayloadCodec): void {
  const { index, term, membership, payload } = snapshot;
  writer.whole(index).whole(term);
  const { voters, outgoing, learners, learnersNext, autoLeave } = membership;
  writer.texts(voters).texts(outgoing).texts(learners).texts(learnersNext);
  writer.u8(autoLeave ? 1 : 0).bytes(codec.encode(payload));
}

function snapshotOf(reader: ByteReader, payload: () => Payload): Snapshot {
  const index = reader.whole();
  const term = reader.whole();
  const membership: Membership = {
    voters: reader.texts(),
    outgoing: reader.texts(),
    learners: reader.texts(),
    learnersNext: reader.texts(),
    autoLeave: flag(reader),
  };
  return { index, term, membership, payload: payload() };
}

function putEntry(writer: ByteWriter, entry: Entry, codec: PayloadCodec): void {
  writer.u8(entryKinds.indexOf(entry.kind)).whole(entry.term).whole(entry.index);
  if (entry.kind === "payload") writer.bytes(codec.encode(entry.payload));
  if (entry.kind === "config") putChange(writer, entry.change);
}

function entryOf(reader: ByteReader, payload: () => Payload): Entry {
  const kind = oneOf(reader, entryKinds);
  const [term, index] = [reader.whole(), reader.whole()];
  if (kind === "payload") return { kind, term, index, payload: payload() };
  return kind === "config"
    ? { kind, term, index, change: changeOf(reader) }
    : { kind, term, index };
}

function putChange(writer: ByteWriter, { transition, steps }: ConfigChange): void {
  writer.u8(transitions.indexOf(transition)).u32(steps.length);
  for (const { kind, member } of steps) writer.u8(stepKinds.indexOf(kind)).text(member);
}

function changeOf(reader: ByteReader): ConfigChange {
  const transition = oneOf(reader, transitions);
  const steps = reader.list(() => ({ kind: oneOf(reader, stepKinds), member: reader.text() }));
  return { transition, steps };
}

function flag(reader: ByteReader): boolean {
  return oneOf(reader, [false, true]);
}

function oneOf<Value>(reader: ByteReader, values: readonly [Value, ...Value[]]): Value {
  const value = values[reader.u8()];
  if (value !== undefined) return value;
  reader.failed = true;
  return values[0];
}
