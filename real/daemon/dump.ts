import { withoutSecrets } from "../../core/control/answer.ts";
import type { StoreEntry, StoreObject, Table } from "../../core/model/change.ts";
import type { Durable } from "../../core/node/durable.ts";
import { storeEntry, storeSnapshot } from "../../core/node/payload.ts";
import type { Entry } from "../../core/raft/message.ts";
import { Store, type StoreSnapshot } from "../../core/store/store.ts";
import { document } from "../ctl/output.ts";
import { readableObject } from "../ctl/readable-object.ts";
import { openStorage } from "../storage/open-storage.ts";
import { payloadCodec } from "../wire/payload.ts";
import { raftEntry, raftSnapshot } from "../wire/raft.ts";
import { type Readable, readable } from "../wire/readable.ts";
import { storeEntry as entryCodec, storeSnapshot as snapshotCodec } from "../wire/store.ts";
import { StateDir } from "./state-dir.ts";

/** What of a node's disk is shown: the log, the snapshot, or the objects that both make. */
export type DumpWhat = "wal" | "snapshot" | "objects";

export interface DumpOptions {
  readonly stateDir: string;
  readonly unlockKey?: string;
  /** The first and the last entry of the log to show. */
  readonly start: number;
  readonly end: number;
  /** Secrets and the keys of roots are left out. */
  readonly redact: boolean;
  readonly format: "json" | "yaml";
}

/**
 * What a node that is stopped keeps of its cluster, decrypted, as text. Of the log, entries at the
 * end may not be committed. Rejects with what is wrong and what to do.
 */
export async function dump(
  what: DumpWhat,
  options: DumpOptions,
  table: Table | null,
): Promise<string> {
  const durable = await read(options);
  return document(shown(what, durable, options, table), options.format);
}

async function read({ stateDir, unlockKey }: DumpOptions): Promise<Durable> {
  const dir = new StateDir(stateDir);
  const state = dir.read();
  if (state === null) throw new Error(`${stateDir} is no node's: name one with --state-dir`);
  const { storage, durable } = await openStorage({
    folder: dir.store,
    owner: { nodeId: state.nodeId, clusterId: null },
    codec: payloadCodec,
    unlockKey: unlockKey ?? null,
    askKey: null,
    acknowledge: () => undefined,
    failed: () => undefined,
  });
  await storage.close();
  return durable;
}

function shown(
  what: DumpWhat,
  durable: Durable,
  { start, end, redact }: DumpOptions,
  table: Table | null,
): Readable {
  const { snapshot, entries, hardState } = durable;
  const hidden = (object: StoreObject) => (redact ? withoutSecrets(object) : object);
  if (what === "wal") {
    const asked = entries.filter(({ index }) => index >= start && index <= end);
    const voted = hardState === null ? null : { term: hardState.term, vote: hardState.vote };
    return { hardState: voted, entries: asked.map((each) => entryText(each, hidden)) };
  }
  if (what === "snapshot") {
    if (snapshot === null) throw new Error("the node has not made or received a snapshot yet");
    const store = storeSnapshot(snapshot.payload);
    const objects = store.objects.map(hidden);
    const payload = readable(snapshotCodec, { ...store, objects } satisfies StoreSnapshot);
    return { ...(readable(raftSnapshot, snapshot) as object), payload };
  }
  const objects = objectsIn(durable).filter(({ kind }) => table === null || kind === table);
  return objects.map((object) => readableObject(hidden(object)));
}

function entryText(entry: Entry, hidden: (object: StoreObject) => StoreObject): Readable {
  const found = storeEntry(entry);
  const shell = readable(raftEntry, entry) as { readonly [name: string]: Readable };
  if (found === null) return shell;
  return { ...shell, payload: readable(entryCodec, hiding(found, hidden)) };
}

function hiding(entry: StoreEntry, hidden: (object: StoreObject) => StoreObject): StoreEntry {
  const transactions = entry.transactions.map((each) => {
    const changes = each.changes.map((change) =>
      change.kind === "remove" ? change : { ...change, object: hidden(change.object) },
    );
    return { ...each, changes };
  });
  return { ...entry, transactions };
}

/** All that the store would hold if the whole log was committed. */
function objectsIn({ snapshot, entries }: Durable): readonly StoreObject[] {
  const store = new Store(null);
  if (snapshot !== null) store.restore(storeSnapshot(snapshot.payload));
  for (const entry of entries) store.apply(storeEntry(entry), entry.index);
  return store.snapshot().objects;
}
