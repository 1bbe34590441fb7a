import type { NodeMessage } from "../../core/node/message.ts";
import type { ChunkData } from "../../core/node/snapshot-codec.ts";
import type { Chunk, SnapshotMessage } from "../../core/node/snapshot-message.ts";
import { caAnswer, caRequest } from "./certificate.ts";
import { bytes, mapped, nullable, text, texts } from "./codec.ts";
import { clientCommand, clientReply } from "./control.ts";
import { agentMessage, dispatcherMessage } from "./dispatch.ts";
import { record, union } from "./messages.ts";
import { timestamp, whole } from "./numbers.ts";
import { raftMessage } from "./raft.ts";
import { type ByteChunk, chunkOf } from "./snapshot-bytes.ts";

const chunkData = mapped<Uint8Array, ChunkData>(
  bytes,
  (data) => (data as ByteChunk).bytes,
  chunkOf,
);

const chunk = record<Chunk>("SnapshotChunk", { offset: whole, checksum: whole, data: chunkData });

const transfer = { term: whole, number: whole };

const snapshotMessage = union<SnapshotMessage>("SnapshotMessage", {
  chunk: { ...transfer, index: whole, size: whole, checksum: whole, chunk },
  ack: { ...transfer, next: whole },
});

const incarnation = { incarnation: whole };

/** All that a node ever says to another. */
export const nodeMessage = union<NodeMessage>("NodeMessage", {
  raft: { ...incarnation, message: raftMessage, time: nullable(timestamp) },
  agent: { ...incarnation, message: agentMessage },
  dispatcher: { ...incarnation, message: dispatcherMessage },
  snapshot: { ...incarnation, from: text, to: text, message: snapshotMessage },
  forward: { ...incarnation, token: whole, request: clientCommand },
  "forward-reply": { ...incarnation, token: whole, reply: clientReply },
  "ca-request": { ...incarnation, message: caRequest },
  "ca-answer": { ...incarnation, message: caAnswer },
  superseded: { ...incarnation, managers: texts },
  "are-you-there": incarnation,
  "here-i-am": incarnation,
});
