import type { Timestamp } from "../../core/base/time.ts";
import { storeParts } from "../../core/node/parts.ts";
import { snapshotPayload, storeSnapshot as storeIn } from "../../core/node/payload.ts";
import type { ChunkData, SnapshotCodec, SnapshotJoin } from "../../core/node/snapshot-codec.ts";
import type { Snapshot } from "../../core/raft/message.ts";
import type { StoreSnapshot } from "../../core/store/store.ts";
import { crc32c } from "../../core/wal/crc32c.ts";
import { protoMessage } from "./proto.ts";
import { raftSnapshotHead } from "./raft.ts";
import { fieldNumber } from "./schema.ts";
import { partOfStore } from "./store.ts";
import { delimited, WireReader, WireWriter } from "./wire-bytes.ts";

/** Some bytes of a snapshot. */
export interface ByteChunk extends ChunkData {
  readonly bytes: Uint8Array;
}

export function chunkOf(bytes: Uint8Array): ByteChunk {
  return { size: bytes.length, bytes };
}

const heads = protoMessage(raftSnapshotHead);
const stores = protoMessage(partOfStore);

/** The fields that contain the store's snapshot, from the outermost: each is its message's last. */
const containers = [
  ["Snapshot", "payload"],
  ["Payload", "store"],
  ["Payload.Store", "store"],
].map(([message = "", field = ""]) => fieldNumber(message, field) as number);

/**
 * Snapshots as the bytes of their message. In protobuf messages behind one another are one message,
 * so the store's is written part by part, and read likewise.
 */
export const snapshotsAsBytes: SnapshotCodec = {
  *cut(snapshot, chunkBytes): Generator<ByteChunk, ByteChunk> {
    let waiting: Buffer = Buffer.alloc(0);
    let storeBytes = 0;
    for (const part of storeParts(storeIn(snapshot.payload))) {
      const bytes = stores.encode(part);
      storeBytes += bytes.length;
      waiting = Buffer.concat([waiting, bytes]);
      for (; waiting.length > chunkBytes; waiting = waiting.subarray(chunkBytes)) {
        yield chunkOf(Buffer.from(waiting.subarray(0, chunkBytes)));
      }
    }
    const head = headOf(snapshot, storeBytes);
    const isSmall = storeBytes === waiting.length && head.length + storeBytes <= chunkBytes;
    if (isSmall) return chunkOf(Buffer.concat([head, waiting]));
    yield chunkOf(waiting);
    return chunkOf(head);
  },
  checksum: (data) => crc32c((data as ByteChunk).bytes),
  join: () => new ByteJoin(),
};

/** All that is before the bytes of the store. */
function headOf(snapshot: Snapshot, storeBytes: number): Buffer {
  let openings: Buffer = Buffer.alloc(0);
  for (const field of [...containers].reverse()) {
    const out = new WireWriter();
    out.tag(field, delimited);
    out.varint(openings.length + storeBytes);
    openings = Buffer.concat([out.take(), openings]);
  }
  return Buffer.concat([heads.encode(snapshot), openings]);
}

/** Reads of the store what is there. */
class ByteJoin implements SnapshotJoin {
  /** What was not read yet, and where that begins in the whole. */
  #waiting: Buffer = Buffer.alloc(0);
  #at = 0;
  /** The snapshot's own fields. */
  readonly #head: Uint8Array[] = [];
  /** Where the containers end that have begun. */
  readonly #ends: number[] = [];
  readonly #stores: StoreSnapshot[] = [];
  #isBad = false;

  add(data: ChunkData): void {
    if (this.#isBad) return;
    this.#waiting = Buffer.concat([this.#waiting, (data as ByteChunk).bytes]);
    this.#readHead();
    if (this.#isInStore) this.#readStore();
  }

  finish(): Snapshot | null {
    const isComplete = this.#isInStore && this.#ends.every((end) => end === this.#at);
    const head = heads.decode(Buffer.concat(this.#head));
    if (this.#isBad || !isComplete || head.kind === "malformed") return null;
    const stores = this.#stores;
    const payload = snapshotPayload({
      index: Math.max(...stores.map(({ index }) => index)),
      time: Math.max(...stores.map(({ time }) => time)) as Timestamp,
      objects: stores.flatMap(({ objects }) => objects),
      sessions: stores.flatMap(({ sessions }) => sessions),
      failures: stores.flatMap(({ failures }) => failures),
    });
    return { ...head.value, payload };
  }

  get #isInStore(): boolean {
    return this.#ends.length === containers.length;
  }

  #readHead(): void {
    while (!this.#isInStore) {
      const reader = new WireReader(this.#waiting);
      const length = openedBy(reader, containers[this.#ends.length] as number);
      if (length !== null) this.#ends.push(this.#at + reader.pos + length);
      else if (!isSkipped(reader)) return;
      else if (this.#ends.length === 0) this.#head.push(this.#waiting.subarray(0, reader.pos));
      this.#take(reader.pos);
    }
  }

  #readStore(): void {
    const reader = new WireReader(this.#waiting);
    let whole = 0;
    while (isSkipped(reader)) whole = reader.pos;
    const found = stores.decode(this.#waiting.subarray(0, whole));
    if (found.kind === "decoded") this.#stores.push(found.value);
    else this.#isBad = true;
    this.#take(whole);
  }

  #take(bytes: number): void {
    this.#at += bytes;
    this.#waiting = this.#waiting.subarray(bytes);
  }
}

/** How long the content of that field is, if it is the next; else null, and nothing is read. */
function openedBy(reader: WireReader, field: number): number | null {
  const start = reader.pos;
  try {
    if (reader.uint32() === field * 8 + delimited) return reader.uint32();
  } catch {
    // Its beginning is not all there.
  }
  reader.pos = start;
  return null;
}

/** Reads past a field; false: not all of it is there. */
function isSkipped(reader: WireReader): boolean {
  try {
    reader.skipType(reader.uint32() & 7);
    return true;
  } catch {
    return false;
  }
}
