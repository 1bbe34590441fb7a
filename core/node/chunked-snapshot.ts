import { assert } from "../base/assert.ts";
import type { Snapshot } from "../raft/message.ts";
import { ByteWriter } from "../wal/bytes.ts";
import { crc32c } from "../wal/crc32c.ts";
import type { ChunkData, SnapshotCodec } from "./snapshot-codec.ts";
import type { Chunk } from "./snapshot-message.ts";

/** The chunks of one snapshot, which are made one at a time, for as many as it is sent to. */
export class ChunkedSnapshot {
  readonly snapshot: Snapshot;
  readonly #codec: SnapshotCodec;
  readonly #cut: Iterator<ChunkData, ChunkData>;
  /** Those that were made: all but the first, until that is there too. */
  #made: Omit<Chunk, "offset">[] = [];
  /** By their offsets, once all are made. */
  readonly #chunks = new Map<number, Chunk>();
  #size = 0;
  #checksum = 0;

  constructor(snapshot: Snapshot, codec: SnapshotCodec, chunkBytes: number) {
    assert(chunkBytes > 0, "a chunk has room for something");
    this.snapshot = snapshot;
    this.#codec = codec;
    this.#cut = codec.cut(snapshot, chunkBytes);
  }

  /** All its chunks are made. */
  get isWhole(): boolean {
    return this.#size > 0;
  }

  /** Of all chunks together; 0 until all are made. */
  get size(): number {
    return this.#size;
  }

  /** Over the checksums of all chunks. */
  get checksum(): number {
    return this.#checksum;
  }

  /** Makes another chunk. */
  makeNext(): void {
    assert(!this.isWhole, "no chunk is left to be made");
    const { value: data, done } = this.#cut.next();
    const made = { checksum: this.#codec.checksum(data), data };
    if (done === true) this.#finish([made, ...this.#made]);
    else this.#made.push(made);
  }

  /** Null when none begins there. */
  chunkAt(offset: number): Chunk | null {
    return this.#chunks.get(offset) ?? null;
  }

  #finish(all: readonly Omit<Chunk, "offset">[]): void {
    this.#made = [];
    this.#checksum = checksumOver(all.map(({ checksum }) => checksum));
    for (const each of all) {
      this.#chunks.set(this.#size, { ...each, offset: this.#size });
      this.#size += each.data.size;
    }
  }
}

/** Over the checksums of a snapshot's chunks, in their order. */
export function checksumOver(sums: readonly number[]): number {
  const writer = new ByteWriter();
  for (const sum of sums) writer.u32(sum);
  return crc32c(writer.take());
}
