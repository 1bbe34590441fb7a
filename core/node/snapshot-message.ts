import type { ChunkData } from "./snapshot-codec.ts";

/** One transfer of one snapshot. Later ones of a term have higher numbers. */
export interface TransferId {
  /** The leader's term. */
  readonly term: number;
  readonly number: number;
}

/** What is said about a snapshot in transfer. */
export type SnapshotMessage =
  | ({
      readonly kind: "chunk";
      /** The snapshot's last entry. */
      readonly index: number;
      readonly size: number;
      /** Over the checksums of all chunks, in their order. */
      readonly checksum: number;
      readonly chunk: Chunk;
    } & TransferId)
  /** The receiver has everything before `next`, and waits for the chunk there. */
  | ({ readonly kind: "ack"; readonly next: number } & TransferId);

export interface Chunk {
  readonly offset: number;
  readonly checksum: number;
  readonly data: ChunkData;
}
