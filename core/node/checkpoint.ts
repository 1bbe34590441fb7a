import type { StoreObject } from "../model/change.ts";
import type { RaftWrite } from "../raft/contract.ts";
import type { Entry, Payload, Snapshot } from "../raft/message.ts";
import type { WalWrite } from "../wal/record.ts";
import type { DiskImage } from "./disk-image.ts";
import type { Durable } from "./durable.ts";
import { snapshotPayload, storeSnapshot } from "./payload.ts";
import { type NodePayload, storageWrite } from "./wal-write.ts";

/** So much is in one part of a checkpoint, in bytes: a turn of the event loop makes it. */
const partBytes = 512 * 1024;
/** About what an object takes beside the content of a secret or config, in bytes. */
const objectBytes = 4096;
/** What an entry takes beside its payload, in bytes. */
const entryBytes = 64;

/**
 * All that a disk holds, as writes that need none before the first, and are carried out by
 * `applyPart` in their order: none of them is much larger than `partBytes`.
 */
export function* checkpointParts(disk: Durable): Generator<WalWrite> {
  const { hardState, snapshot, entries, tasks, standing } = disk;
  const { begun, rest } = snapshot === null ? noSnapshot : partsOf(snapshot);
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

const noSnapshot = { begun: null, rest: [] };

/** A snapshot with the first of its objects, and the others; what is not the store's is whole. */
function partsOf(snapshot: Snapshot): { begun: Snapshot; rest: readonly Payload[] } {
  if (!("store" in snapshot.payload)) return { begun: snapshot, rest: [] };
  const store = storeSnapshot(snapshot.payload);
  const [objects = [], ...others] = inParts(store.objects, sizeOfObject);
  const more = { ...store, sessions: [], failures: [] };
  return {
    begun: { ...snapshot, payload: snapshotPayload({ ...store, objects }) },
    rest: others.map((some) => snapshotPayload({ ...more, objects: some })),
  };
}

function joinedSnapshot(payload: Payload, more: Payload): Payload {
  const store = storeSnapshot(payload);
  return snapshotPayload({
    ...store,
    objects: [...store.objects, ...storeSnapshot(more).objects],
  });
}

function sizeOfObject(object: StoreObject): number {
  const isFile = object.kind === "secret" || object.kind === "config";
  return objectBytes + (isFile ? object.spec.data.length : 0);
}

function sizeOfEntry(entry: Entry): number {
  return entryBytes + (entry.kind === "payload" ? entry.payload.size : 0);
}

/** The items in their order, so many together as fill a part; one that is larger is alone. */
function inParts<Item>(items: readonly Item[], sizeOf: (item: Item) => number): Item[][] {
  const parts: Item[][] = [];
  let room = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (size > room) {
      parts.push([]);
      room = partBytes;
    }
    parts[parts.length - 1]?.push(item);
    room -= size;
  }
  return parts;
}
