import { assert } from "../base/assert.ts";
import { aboutSizeOf, type SizeOf, type StoreEntry } from "../model/change.ts";
import type { Entry, Payload } from "../raft/message.ts";
import type { StoreSnapshot } from "../store/store.ts";

/** What a log entry carries for the store. */
export interface EntryPayload extends Payload {
  readonly entry: StoreEntry;
}

/** What a snapshot carries for the store. */
export interface SnapshotPayload extends Payload {
  readonly store: StoreSnapshot;
}

/** About what one object takes when encoded: snapshots are cut by their bytes, not by this. */
const bytesPerObject = 512;

export function entryPayload(entry: StoreEntry, sizeOf: SizeOf = aboutSizeOf): EntryPayload {
  return { size: entry.transactions.reduce((sum, each) => sum + sizeOf(each), 0), entry };
}

export function snapshotPayload(store: StoreSnapshot): SnapshotPayload {
  return { size: store.objects.length * bytesPerObject, store };
}

/** The store's part of a log entry; null for entries that only Raft reads. */
export function storeEntry(entry: Entry): StoreEntry | null {
  if (entry.kind !== "payload") return null;
  assert("entry" in entry.payload, "every payload in the log is the store's");
  return (entry.payload as EntryPayload).entry;
}

export function storeSnapshot(payload: Payload): StoreSnapshot {
  assert("store" in payload, "every snapshot is the store's");
  return (payload as SnapshotPayload).store;
}
