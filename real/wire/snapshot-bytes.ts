import type { ChunkData, SnapshotCodec } from "../../core/node/snapshot-codec.ts";
import type { Snapshot } from "../../core/raft/message.ts";
import { crc32c } from "../../core/wal/crc32c.ts";
import { protoMessage } from "./proto.ts";
import { raftSnapshot } from "./raft.ts";

/** Some bytes of a snapshot. */
export interface ByteChunk extends ChunkData {
  readonly bytes: Uint8Array;
}

export function chunkOf(bytes: Uint8Array): ByteChunk {
  return { size: bytes.length, bytes };
}

const message = protoMessage(raftSnapshot);

/** Snapshots as bytes, encoded once for as many chunks and followers as there are. */
export function snapshotsAsBytes(): SnapshotCodec {
  const encoded = new WeakMap<Snapshot, Uint8Array>();
  const bytesOf = (snapshot: Snapshot): Uint8Array => {
    const known = encoded.get(snapshot);
    if (known !== undefined) return known;
    const made = message.encode(snapshot);
    encoded.set(snapshot, made);
    return made;
  };
  return {
    sizeOf: (snapshot) => bytesOf(snapshot).length,
    cut: (snapshot, offset, size) => chunkOf(bytesOf(snapshot).subarray(offset, offset + size)),
    checksum: (data) => crc32c((data as ByteChunk).bytes),
    join(parts) {
      const found = message.decode(Buffer.concat(parts.map((part) => (part as ByteChunk).bytes)));
      return found.kind === "decoded" ? found.value : null;
    },
  };
}
