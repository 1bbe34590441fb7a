import { assert } from "../base/assert.ts";
import type { RaftMessage, Snapshot } from "../raft/message.ts";
import { ByteWriter } from "../wal/bytes.ts";
import { crc32c } from "../wal/crc32c.ts";
import type { ChunkData, SnapshotCodec } from "./snapshot-codec.ts";
import type { Chunk, SnapshotMessage, TransferId } from "./snapshot-message.ts";

/** Raft's message, as it gives it to its host. */
export type RaftSnapshot = Extract<RaftMessage, { kind: "snapshot" }>;
type ChunkMessage = Extract<SnapshotMessage, { kind: "chunk" }>;
type Ack = Extract<SnapshotMessage, { kind: "ack" }>;

/** Ticks after which a chunk without an answer is sent again, at first. */
const retryTicks = 2;

/** One snapshot on its way to one follower. `0 <= next < size`. */
interface Transfer extends TransferId {
  readonly snapshot: Snapshot;
  readonly size: number;
  readonly checksum: number;
  /** Where the chunk begins that is on its way. */
  next: number;
  /** Ticks since that chunk was sent, and since the follower was heard. */
  unsent: number;
  unheard: number;
  /** Ticks that the chunk's answer is waited for, and whether it has been sent again. */
  patience: number;
  isRepeated: boolean;
}

/**
 * The leader's half: cuts each snapshot that Raft sends into chunks.
 *
 * 1. One chunk at a time is on its way to a follower; its answer sends the next. A chunk without
 *    an answer is sent again, each time after twice as long: on a slow link the copies would take
 *    the place of what is new. An answer to what went once makes the wait half as long.
 * 2. The receiver's answer says what it waits for, so after a break, even one in which the sender
 *    gave up and began again, the transfer goes on where it was.
 * 3. A snapshot that Raft sends while an older one gets through does not replace it: a slow
 *    follower would never have a whole one. The log goes on from the older, or Raft tries again.
 * 4. A follower that is silent for too long is given up, and Raft is told.
 * 5. Transfers end with the leadership.
 */
export class SnapshotSender {
  readonly #codec: SnapshotCodec;
  readonly #chunkBytes: number;
  readonly #patience: number;
  readonly #transfers = new Map<string, Transfer>();
  #lastNumber = 0;

  constructor(codec: SnapshotCodec, chunkBytes: number, patience: number) {
    assert(chunkBytes > 0, "a chunk has room for something");
    this.#codec = codec;
    this.#chunkBytes = chunkBytes;
    this.#patience = patience;
  }

  /** Followers with a snapshot on its way. */
  get size(): number {
    return this.#transfers.size;
  }

  /** Raft sends a snapshot: the chunk to send now; null when one is on its way already. */
  begin({ to, term, snapshot }: RaftSnapshot): SnapshotMessage | null {
    const known = this.#transfers.get(to);
    if (known !== undefined && known.term === term) return null;
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    const size = this.#codec.sizeOf(snapshot);
    const checksum = this.#checksumOf(snapshot, size);
    const started = { next: 0, unsent: 0, unheard: 0, patience: retryTicks, isRepeated: false };
    const transfer = { term, number, snapshot, size, checksum, ...started };
    this.#transfers.set(to, transfer);
    return this.#chunkOf(transfer);
  }

  /** A follower has answered: what to send to it next. */
  acknowledged(from: string, { term, number, next }: Ack): SnapshotMessage | null {
    const transfer = this.#transfers.get(from);
    if (transfer === undefined || transfer.term !== term || transfer.number !== number) return null;
    transfer.unheard = 0;
    if (next >= transfer.size) this.#transfers.delete(from);
    if (next >= transfer.size || next === transfer.next) return null;
    transfer.next = next;
    if (!transfer.isRepeated) transfer.patience = Math.max(retryTicks, transfer.patience / 2);
    transfer.isRepeated = false;
    return this.#chunkOf(transfer);
  }

  /** Time passes: what is sent again, and whom to give up. */
  tick(): { readonly again: [to: string, SnapshotMessage][]; readonly failed: string[] } {
    const again: [string, SnapshotMessage][] = [];
    const failed: string[] = [];
    for (const [to, transfer] of this.#transfers) {
      transfer.unsent += 1;
      transfer.unheard += 1;
      if (transfer.unheard > this.#patience) failed.push(to);
      else if (transfer.unsent >= transfer.patience) again.push([to, this.#repeated(transfer)]);
    }
    for (const to of failed) this.#transfers.delete(to);
    return { again, failed };
  }

  /** This member does not lead any more. */
  stop(): void {
    this.#transfers.clear();
  }

  #repeated(transfer: Transfer): SnapshotMessage {
    transfer.patience = Math.min(2 * transfer.patience, this.#patience);
    transfer.isRepeated = true;
    return this.#chunkOf(transfer);
  }

  #chunkOf(transfer: Transfer): SnapshotMessage {
    const { term, number, snapshot, size, checksum, next } = transfer;
    transfer.unsent = 0;
    const chunk = this.#cut(snapshot, next, size);
    return { kind: "chunk", term, number, index: snapshot.index, size, checksum, chunk };
  }

  #cut(snapshot: Snapshot, offset: number, size: number): Chunk {
    const data = this.#codec.cut(snapshot, offset, Math.min(this.#chunkBytes, size - offset));
    return { offset, checksum: this.#codec.checksum(data), data };
  }

  #checksumOf(snapshot: Snapshot, size: number): number {
    const sums: number[] = [];
    for (let offset = 0; offset < size; offset += this.#chunkBytes) {
      sums.push(this.#cut(snapshot, offset, size).checksum);
    }
    return checksumOver(sums);
  }
}

/** What has come of a snapshot so far. `next` is the size of all parts together. */
interface Partial {
  readonly from: string;
  readonly index: number;
  readonly size: number;
  readonly checksum: number;
  readonly sums: number[];
  parts: ChunkData[];
  id: TransferId;
  next: number;
}

/** What follows from a chunk. */
export interface Received {
  readonly answer: Ack | null;
  /** The snapshot, when this chunk was the last. */
  readonly snapshot: Snapshot | null;
}

const ignored: Received = { answer: null, snapshot: null };

/**
 * A follower's half: puts chunks together, in order, and keeps one snapshot at a time. A chunk of
 * an earlier transfer is ignored. One of a later transfer goes on with what is there if it is the
 * same snapshot of the same leader and term, else it starts anew.
 */
export class SnapshotReceiver {
  readonly #codec: SnapshotCodec;
  #partial: Partial | null = null;

  constructor(codec: SnapshotCodec) {
    this.#codec = codec;
  }

  receive(from: string, message: ChunkMessage): Received {
    const partial = this.#partialFor(from, message);
    const { chunk, term, number } = message;
    if (partial === null || this.#codec.checksum(chunk.data) !== chunk.checksum) return ignored;
    let snapshot: Snapshot | null = null;
    if (chunk.offset === partial.next && chunk.data.size > 0) {
      partial.parts.push(chunk.data);
      partial.sums.push(chunk.checksum);
      partial.next += chunk.data.size;
      if (partial.next >= partial.size) snapshot = this.#finish(partial);
    }
    const answer: Ack = { kind: "ack", term, number, next: this.#partial?.next ?? 0 };
    return { answer, snapshot };
  }

  #partialFor(from: string, message: ChunkMessage): Partial | null {
    const { term, number, index, size, checksum } = message;
    const known = this.#partial;
    if (known !== null) {
      if (isBefore(message, known.id)) return null;
      if (known.id.term === term && known.id.number === number) return known;
      const { from: leader, id } = known;
      const isSame = leader === from && id.term === term && known.index === index;
      const isOpen = known.next < known.size;
      if (isSame && isOpen && known.size === size && known.checksum === checksum) {
        known.id = { term, number };
        return known;
      }
    }
    const id = { term, number };
    this.#partial = { from, index, size, checksum, sums: [], parts: [], id, next: 0 };
    return this.#partial;
  }

  /** A whole that is not what was sent is thrown away, and asked for from the start. */
  #finish(partial: Partial): Snapshot | null {
    const isRight = checksumOver(partial.sums) === partial.checksum;
    const snapshot = isRight ? this.#codec.join(partial.parts) : null;
    partial.parts = [];
    if (snapshot === null) this.#partial = null;
    return snapshot;
  }
}

function isBefore(message: TransferId, other: TransferId): boolean {
  if (message.term !== other.term) return message.term < other.term;
  return message.number < other.number;
}

function checksumOver(sums: readonly number[]): number {
  const writer = new ByteWriter();
  for (const sum of sums) writer.u32(sum);
  return crc32c(writer.take());
}
