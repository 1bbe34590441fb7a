import { assert } from "../base/assert.ts";
import type { StoreEntry } from "../model/change.ts";
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

/** About what one change takes when encoded: limits need no more than that. */
const bytesPerChange = 512;

export function entryPayload(entry: StoreEntry): EntryPayload {
  const changes = entry.transactions.reduce((sum, each) => sum + each.changes.length, 0);
  return { size: changes * bytesPerChange, entry };
}

export function snapshotPayload(store: StoreSnapshot): SnapshotPayload {
  return { size: store.objects.length * bytesPerChange, store };
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
