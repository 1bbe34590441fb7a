import type { Snapshot } from "../raft/message.ts";
import { ByteWriter } from "../wal/bytes.ts";
import { crc32c } from "../wal/crc32c.ts";

/** A part of a snapshot: some of its bytes, or where objects go by reference, the object. */
export interface ChunkData {
  /** Bytes, as counted by the limit on chunks. At least 1. */
  readonly size: number;
}

/**
 * How a snapshot is cut into chunks, and put together again: a chunk at a time, as a large one as a
 * whole takes longer than anybody has patience with a leader.
 */
export interface SnapshotCodec {
  /**
   * All chunks but the first, in order; in the end the first, which may say how long all others
   * are. None of the others is larger than `chunkBytes`; the same snapshot always gives the same.
   */
  cut(snapshot: Snapshot, chunkBytes: number): Iterator<ChunkData, ChunkData>;
  /** Of one chunk, in 32 bits. */
  checksum(data: ChunkData): number;
  /** For the chunks of one snapshot, however anybody has cut it. */
  join(): SnapshotJoin;
}

/** A snapshot that is put together. */
export interface SnapshotJoin {
  /** Takes the next chunk. */
  add(data: ChunkData): void;
  /** Once all chunks were added: the snapshot, or null when they make none. */
  finish(): Snapshot | null;
}

interface CountedChunk extends ChunkData {
  readonly index: number;
  readonly offset: number;
  /** On the last chunk. */
  readonly snapshot: Snapshot | null;
}

/** For hosts that pass objects by reference: bytes are only counted, the last chunk has it all. */
export const snapshotsByReference: SnapshotCodec = {
  *cut(snapshot, chunkBytes): Generator<CountedChunk, CountedChunk> {
    const { index, payload } = snapshot;
    const all = Math.max(1, payload.size);
    const counted = (offset: number): CountedChunk => {
      const size = Math.min(chunkBytes, all - offset);
      return { size, index, offset, snapshot: offset + size === all ? snapshot : null };
    };
    for (let offset = chunkBytes; offset < all; offset += chunkBytes) yield counted(offset);
    return counted(0);
  },
  checksum(data) {
    const { index, offset, size } = data as CountedChunk;
    return crc32c(new ByteWriter().whole(index).whole(offset).whole(size).take());
  },
  join() {
    let last: CountedChunk | null = null;
    return {
      add: (data) => {
        last = data as CountedChunk;
      },
      finish: () => last?.snapshot ?? null,
    };
  },
};
