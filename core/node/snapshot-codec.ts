import type { Snapshot } from "../raft/message.ts";
import { ByteWriter } from "../wal/bytes.ts";
import { crc32c } from "../wal/crc32c.ts";

/** A part of a snapshot: some of its bytes, or where objects go by reference, the object. */
export interface ChunkData {
  /** Bytes, as counted by the limit on chunks. */
  readonly size: number;
}

/** How a snapshot is cut into chunks, and put together again. */
export interface SnapshotCodec {
  sizeOf(snapshot: Snapshot): number;
  /** The part from `offset` on; `0 <= offset`, `offset + size <= sizeOf(snapshot)`. */
  cut(snapshot: Snapshot, offset: number, size: number): ChunkData;
  /** Of one part, in 32 bits. */
  checksum(data: ChunkData): number;
  /** The snapshot from all of its parts in order; null when they make none. */
  join(parts: readonly ChunkData[]): Snapshot | null;
}

interface CountedChunk extends ChunkData {
  readonly index: number;
  readonly offset: number;
  /** On the last chunk. */
  readonly snapshot: Snapshot | null;
}

/** For hosts that pass objects by reference: bytes are only counted, the last chunk has it all. */
export const snapshotsByReference: SnapshotCodec = {
  sizeOf: ({ payload }) => Math.max(1, payload.size),
  cut(snapshot, offset, size): CountedChunk {
    const isLast = offset + size === this.sizeOf(snapshot);
    return { size, index: snapshot.index, offset, snapshot: isLast ? snapshot : null };
  },
  checksum(data) {
    const { index, offset, size } = data as CountedChunk;
    return crc32c(new ByteWriter().whole(index).whole(offset).whole(size).take());
  },
  join: (parts) => (parts[parts.length - 1] as CountedChunk | undefined)?.snapshot ?? null,
};
