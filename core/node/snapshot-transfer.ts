import type { Probe } from "../base/probe.ts";
import type { RaftMessage, Snapshot } from "../raft/message.ts";
import { ChunkedSnapshot, checksumOver } from "./chunked-snapshot.ts";
import type { SnapshotCodec, SnapshotJoin } from "./snapshot-codec.ts";
import type { Chunk, SnapshotMessage, TransferId } from "./snapshot-message.ts";

/** Raft's message, as it gives it to its host. */
export type RaftSnapshot = Extract<RaftMessage, { kind: "snapshot" }>;
type ChunkMessage = Extract<SnapshotMessage, { kind: "chunk" }>;
type Ack = Extract<SnapshotMessage, { kind: "ack" }>;

/** Ticks after which a chunk without an answer is sent again, at first. */
const retryTicks = 2;

/** One snapshot on its way to one follower, or to be as soon as its chunks are made. */
interface Transfer extends TransferId {
  readonly chunked: ChunkedSnapshot;
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
 * 1. All of them are made first, as each message tells the size and the checksum of the whole: one
 *    at a time, between which the leader does everything else. They are kept for as long as anybody
 *    is sent them.
 * 2. One chunk at a time is on its way to a follower; its answer sends the next. A chunk without
 *    an answer is sent again, each time after twice as long: on a slow link the copies would take
 *    the place of what is new. An answer to what went once makes the wait half as long.
 * 3. The receiver's answer says what it waits for, so after a break, even one in which the sender
 *    gave up and began again, the transfer goes on where it was.
 * 4. A snapshot that Raft sends while an older one gets through does not replace it: a slow
 *    follower would never have a whole one. The log goes on from the older, or Raft tries again.
 * 5. A follower that is silent for too long is given up, and Raft is told.
 * 6. Transfers end with the leadership.
 */
export class SnapshotSender {
  readonly #codec: SnapshotCodec;
  readonly #chunkBytes: number;
  readonly #patience: number;
  readonly #transfers = new Map<string, Transfer>();
  #lastNumber = 0;

  constructor(codec: SnapshotCodec, chunkBytes: number, patience: number) {
    this.#codec = codec;
    this.#chunkBytes = chunkBytes;
    this.#patience = patience;
  }

  /** Followers with a snapshot on its way. */
  get size(): number {
    return this.#transfers.size;
  }

  /** There are chunks to be made. */
  get isPreparing(): boolean {
    return this.#unmade() !== null;
  }

  /**
   * Raft sends a snapshot: the chunk to send now; null when one is on its way already, or this one
   * has so many chunks that they are yet to be made.
   */
  begin({ to, term, snapshot }: RaftSnapshot): SnapshotMessage | null {
    const known = this.#transfers.get(to);
    if (known !== undefined && known.term === term) return null;
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    const chunked = this.#chunkedOf(snapshot);
    const started = { next: 0, unsent: 0, unheard: 0, patience: retryTicks, isRepeated: false };
    const transfer = { term, number, chunked, ...started };
    this.#transfers.set(to, transfer);
    return chunked.isWhole ? this.#chunkOf(transfer, 0) : null;
  }

  /** Makes one chunk: what is to be sent if that was the last of a snapshot. */
  prepare(): [to: string, SnapshotMessage][] {
    const chunked = this.#unmade();
    chunked?.makeNext();
    if (chunked?.isWhole !== true) return [];
    const waiting = [...this.#transfers].filter(([, each]) => each.chunked === chunked);
    return waiting.map(([to, transfer]) => [to, this.#chunkOf(transfer, 0)]);
  }

  /** A follower has answered: what to send to it next. */
  acknowledged(from: string, { term, number, next }: Ack): SnapshotMessage | null {
    const transfer = this.#transfers.get(from);
    if (transfer === undefined || transfer.term !== term || transfer.number !== number) return null;
    const { chunked } = transfer;
    if (!chunked.isWhole) return null;
    transfer.unheard = 0;
    if (next >= chunked.size) this.#transfers.delete(from);
    if (next === transfer.next || chunked.chunkAt(next) === null) return null;
    if (!transfer.isRepeated) transfer.patience = Math.max(retryTicks, transfer.patience / 2);
    transfer.isRepeated = false;
    return this.#chunkOf(transfer, next);
  }

  /** Time passes: what is sent again, and whom to give up. */
  tick(): { readonly again: [to: string, SnapshotMessage][]; readonly failed: string[] } {
    const again: [string, SnapshotMessage][] = [];
    const failed: string[] = [];
    for (const [to, transfer] of this.#transfers) {
      if (!transfer.chunked.isWhole) continue;
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
    return this.#chunkOf(transfer, transfer.next);
  }

  #chunkOf(transfer: Transfer, next: number): SnapshotMessage {
    const { term, number, chunked } = transfer;
    transfer.unsent = 0;
    transfer.next = next;
    const { snapshot, size, checksum } = chunked;
    const chunk = chunked.chunkAt(next) as Chunk;
    return { kind: "chunk", term, number, index: snapshot.index, size, checksum, chunk };
  }

  /** The same for all who are sent it. */
  #chunkedOf(snapshot: Snapshot): ChunkedSnapshot {
    for (const { chunked } of this.#transfers.values()) {
      if (chunked.snapshot === snapshot) return chunked;
    }
    const chunked = new ChunkedSnapshot(snapshot, this.#codec, this.#chunkBytes);
    chunked.makeNext();
    return chunked;
  }

  /** The first that is not whole; null: there is none. */
  #unmade(): ChunkedSnapshot | null {
    for (const { chunked } of this.#transfers.values()) if (!chunked.isWhole) return chunked;
    return null;
  }
}

/** What has come of a snapshot so far. `next` is the size of all parts together. */
interface Partial {
  readonly from: string;
  readonly index: number;
  readonly size: number;
  readonly checksum: number;
  readonly sums: number[];
  /** Null once all parts are there. */
  join: SnapshotJoin | null;
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
  readonly #probe: Probe | null;
  #partial: Partial | null = null;

  constructor(codec: SnapshotCodec, probe: Probe | null = null) {
    this.#codec = codec;
    this.#probe = probe;
  }

  receive(from: string, message: ChunkMessage): Received {
    const partial = this.#partialFor(from, message);
    const { chunk, term, number } = message;
    if (partial === null || this.#codec.checksum(chunk.data) !== chunk.checksum) return ignored;
    let snapshot: Snapshot | null = null;
    if (chunk.offset === partial.next && chunk.data.size > 0) {
      partial.join?.add(chunk.data);
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
        if (known.next > 0) this.#probe?.reachable("snapshot-resumed");
        known.id = { term, number };
        return known;
      }
      if (isOpen && known.next > 0) this.#probe?.reachable("snapshot-begun-anew");
    }
    const started = { sums: [], join: this.#codec.join(), id: { term, number }, next: 0 };
    this.#partial = { from, index, size, checksum, ...started };
    return this.#partial;
  }

  /** A whole that is not what was sent is thrown away, and asked for from the start. */
  #finish(partial: Partial): Snapshot | null {
    const isRight = checksumOver(partial.sums) === partial.checksum;
    const snapshot = isRight ? (partial.join?.finish() ?? null) : null;
    partial.join = null;
    if (snapshot === null) this.#partial = null;
    return snapshot;
  }
}

function isBefore(message: TransferId, other: TransferId): boolean {
  if (message.term !== other.term) return message.term < other.term;
  return message.number < other.number;
}
