import { assert } from "../../core/base/assert.ts";
import { entrySize, type StoreEntry } from "../../core/model/change.ts";
import { type EntryPayload, snapshotPayload } from "../../core/node/payload.ts";
import type { NodePayload } from "../../core/node/wal-write.ts";
import type { Payload } from "../../core/raft/message.ts";
import type { StoreSnapshot } from "../../core/store/store.ts";
import type { PayloadCodec } from "../../core/wal/record.ts";
import { bytes, type Codec, mapped, nullable, WireError } from "./codec.ts";
import { table, union } from "./messages.ts";
import { protoMessage } from "./proto.ts";
import { standing } from "./standing.ts";
import { storeEntry, storeSnapshot, transaction } from "./store.ts";
import { task } from "./task.ts";
import { toKeep } from "./wire-bytes.ts";

type Content =
  | { readonly kind: "entry"; readonly entry: StoreEntry }
  | { readonly kind: "store"; readonly store: StoreSnapshot }
  | ({ readonly kind: "agent" } & Pick<NodePayload, "tasks" | "standing">);

/** What a payload's bytes are. */
export const payloadContent = union<Content>("Payload", {
  entry: { entry: storeEntry },
  store: { store: storeSnapshot },
  agent: { tasks: table("TaskWrite", nullable(task)), standing: nullable(standing) },
});

const content = protoMessage(payloadContent);

/**
 * An entry of the log. Its bytes are made once: the same ones go into the log of this node and to
 * every follower, and a follower writes those that it was sent. What they say is there until it is
 * read, as it is applied: after that the bytes alone are kept.
 */
class LoggedEntry implements EntryPayload {
  readonly size: number;
  #entry: StoreEntry | null;
  #bytes: Uint8Array | null;

  constructor(size: number, entry: StoreEntry, bytes: Uint8Array | null) {
    this.size = size;
    this.#entry = entry;
    this.#bytes = bytes;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= toKeep(content.encode(contentOf(this)));
    return this.#bytes;
  }

  get entry(): StoreEntry {
    const entry = this.#entry ?? entryIn(this.bytes);
    if (this.#bytes !== null) this.#entry = null;
    return entry;
  }
}

/** As the daemon's log keeps it. */
export function loggedEntry(entry: StoreEntry): EntryPayload {
  return new LoggedEntry(entrySize(entry, transaction.sizeOf), entry, null);
}

function entryIn(encoded: Uint8Array): StoreEntry {
  const found = content.decode(encoded);
  assert(found.kind === "decoded" && found.value.kind === "entry", "it was read or made here");
  return found.value.entry;
}

function contentOf(payload: Payload): Content {
  if ("entry" in payload) return { kind: "entry", entry: payload.entry as StoreEntry };
  if ("store" in payload) return { kind: "store", store: payload.store as StoreSnapshot };
  assert("tasks" in payload, "a payload is an entry, a snapshot, or the agent's");
  const { tasks, standing: place } = payload as NodePayload;
  return { kind: "agent", tasks, standing: place };
}

function payloadOf(found: Content, encoded: Uint8Array): Payload {
  if (found.kind === "entry") return new LoggedEntry(encoded.length, found.entry, toKeep(encoded));
  if (found.kind === "store") return snapshotPayload(found.store);
  const { tasks, standing: place } = found;
  return { size: tasks.size, tasks, standing: place } as NodePayload;
}

/** For the write-ahead log and the wire alike: what is stored is what is sent. */
export const payloadCodec: PayloadCodec = {
  encode: (value) =>
    value instanceof LoggedEntry ? value.bytes : content.encode(contentOf(value)),
  decode(encoded) {
    const found = content.decode(encoded);
    return found.kind === "decoded" ? payloadOf(found.value, encoded) : null;
  },
};

/** A payload within a message: opaque bytes, as Raft has it. */
export const payload: Codec<Payload> = mapped(
  bytes,
  (value: Payload) => payloadCodec.encode(value),
  (encoded) => {
    const value = payloadCodec.decode(encoded);
    if (value === null) throw new WireError("is no payload");
    return value;
  },
);
