import { assert } from "../base/assert.ts";
import { aboutSizeOf, entrySize, type StoreEntry } from "../model/change.ts";
import type { Entry, Payload } from "../raft/message.ts";
import type { StoreSnapshot } from "../store/store.ts";

/**
 * What a log entry carries for the store. It is read when it is applied, and kept for long after
 * that: a host may then have no more than its bytes.
 */
export interface EntryPayload extends Payload {
  readonly entry: StoreEntry;
}

/** How an entry is put into the log. */
export type EntryPayloadOf = (entry: StoreEntry) => EntryPayload;

/** What a snapshot carries for the store. */
export interface SnapshotPayload extends Payload {
  readonly store: StoreSnapshot;
}

/** About what one object takes when encoded: snapshots are cut by their bytes, not by this. */
const bytesPerObject = 512;

/** For hosts that pass objects by reference. */
export function entryPayload(entry: StoreEntry): EntryPayload {
  return { size: entrySize(entry, aboutSizeOf), entry };
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
