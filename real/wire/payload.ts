import { assert } from "../../core/base/assert.ts";
import type { StoreEntry } from "../../core/model/change.ts";
import type { Standing } from "../../core/model/standing.ts";
import type { Task } from "../../core/model/task.ts";
import { entryPayload, snapshotPayload } from "../../core/node/payload.ts";
import type { Payload } from "../../core/raft/message.ts";
import type { StoreSnapshot } from "../../core/store/store.ts";
import type { PayloadCodec } from "../../core/wal/record.ts";
import { bytes, type Codec, mapped, nullable, WireError } from "./codec.ts";
import { table, union } from "./messages.ts";
import { protoMessage } from "./proto.ts";
import { standing } from "./standing.ts";
import { storeEntry, storeSnapshot } from "./store.ts";
import { task } from "./task.ts";
import { toKeep } from "./wire-bytes.ts";

/** What the write-ahead log carries beside Raft: the agent's tasks and the node's standing. */
export interface AgentPayload extends Payload {
  readonly tasks: ReadonlyMap<string, Task | null>;
  readonly standing: Standing | null;
}

type Content =
  | { readonly kind: "entry"; readonly entry: StoreEntry }
  | { readonly kind: "store"; readonly store: StoreSnapshot }
  | {
      readonly kind: "agent";
      readonly tasks: ReadonlyMap<string, Task | null>;
      readonly standing: Standing | null;
    };

/** What a payload's bytes are. */
export const payloadContent = union<Content>("Payload", {
  entry: { entry: storeEntry },
  store: { store: storeSnapshot },
  agent: { tasks: table("TaskWrite", nullable(task)), standing: nullable(standing) },
});

const content = protoMessage(payloadContent);

function contentOf(payload: Payload): Content {
  if ("entry" in payload) return { kind: "entry", entry: payload.entry as StoreEntry };
  if ("store" in payload) return { kind: "store", store: payload.store as StoreSnapshot };
  assert("tasks" in payload, "a payload is an entry, a snapshot, or the agent's");
  const { tasks, standing: place } = payload as AgentPayload;
  return { kind: "agent", tasks, standing: place };
}

function payloadOf(found: Content, size: number): Payload {
  if (found.kind === "entry") return { ...entryPayload(found.entry), size };
  if (found.kind === "store") return snapshotPayload(found.store);
  const { tasks, standing: place } = found;
  return { size: tasks.size, tasks, standing: place } as AgentPayload;
}

/**
 * The bytes of a payload, made once: the same ones go into the log of this node and to every
 * follower, and a follower writes those that it was sent.
 */
class Payloads implements PayloadCodec {
  readonly #bytes = new WeakMap<Payload, Uint8Array>();

  encode(value: Payload): Uint8Array {
    const known = this.#bytes.get(value);
    if (known !== undefined) return known;
    const made = content.encode(contentOf(value));
    return "entry" in value ? this.#keep(value, made) : made;
  }

  decode(encoded: Uint8Array): Payload | null {
    const found = content.decode(encoded);
    if (found.kind === "malformed") return null;
    const value = payloadOf(found.value, encoded.length);
    if (found.value.kind === "entry") this.#keep(value, encoded);
    return value;
  }

  #keep(value: Payload, encoded: Uint8Array): Uint8Array {
    const kept = toKeep(encoded);
    this.#bytes.set(value, kept);
    return kept;
  }
}

/** For the write-ahead log and the wire alike: what is stored is what is sent. */
export const payloadCodec: PayloadCodec = new Payloads();

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
