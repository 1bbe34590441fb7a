import type { RaftWrite } from "../raft/contract.ts";
import type { Entry, Payload, Snapshot } from "../raft/message.ts";
import type { StoreSnapshot } from "../store/store.ts";
import type { WalWrite } from "../wal/record.ts";
import type { DiskImage } from "./disk-image.ts";
import type { Durable } from "./durable.ts";
import { inParts, objectBytes, storeParts } from "./parts.ts";
import { snapshotPayload, storeSnapshot } from "./payload.ts";
import { type NodePayload, storageWrite } from "./wal-write.ts";

/** What an entry takes beside its payload, in bytes. */
const entryBytes = 64;

/**
 * All that a disk holds, as writes that need none before the first, and are carried out by
 * `applyPart` in their order: none of them is much larger than a part of `parts.ts`.
 */
export function* checkpointParts(disk: Durable): Generator<WalWrite> {
  const { hardState, snapshot, entries, tasks, standing } = disk;
  const { begun, rest } = snapshot === null ? { begun: null, rest: [] } : partsOf(snapshot);
  const raft: RaftWrite = { id: 0, hardState, snapshot: begun, entries: [], compactTo: 0 };
  const placed: NodePayload = { size: 0, tasks: new Map(), standing };
  const isEmpty = hardState === null && snapshot === null;
  yield { wipesRaft: true, raft: isEmpty ? [] : [raft], attached: placed };
  for (const attached of rest) yield { wipesRaft: false, raft: [], attached };
  for (const some of inParts(entries, sizeOfEntry)) {
    const part = { ...raft, hardState: null, snapshot: null, entries: some };
    yield { wipesRaft: false, raft: [part], attached: null };
  }
  for (const some of inParts([...tasks], () => objectBytes)) {
    const attached: NodePayload = { size: some.length, tasks: new Map(some), standing: null };
    yield { wipesRaft: false, raft: [], attached };
  }
}

/** Carries out a record of the log, or a part of a checkpoint. */
export function applyPart(image: DiskImage, part: WalWrite): void {
  image.apply(storageWrite(0, part));
  const { snapshot } = image.raft;
  const { attached } = part;
  if (attached === null || !("store" in attached) || snapshot === null) return;
  image.raft.snapshot = { ...snapshot, payload: joinedSnapshot(snapshot.payload, attached) };
}

/** A snapshot with the first of its objects, and the others; what is not the store's is whole. */
function partsOf(snapshot: Snapshot): { begun: Snapshot; rest: Iterable<Payload> } {
  if (!("store" in snapshot.payload)) return { begun: snapshot, rest: [] };
  const payloads = storePayloads(storeSnapshot(snapshot.payload));
  return { begun: { ...snapshot, payload: payloads.next().value as Payload }, rest: payloads };
}

function* storePayloads(store: StoreSnapshot): Generator<Payload> {
  for (const part of storeParts(store)) yield snapshotPayload(part);
}

function joinedSnapshot(payload: Payload, more: Payload): Payload {
  const store = storeSnapshot(payload);
  return snapshotPayload({
    ...store,
    objects: [...store.objects, ...storeSnapshot(more).objects],
  });
}

function sizeOfEntry(entry: Entry): number {
  return entryBytes + (entry.kind === "payload" ? entry.payload.size : 0);
}
