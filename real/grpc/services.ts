import type { MethodDefinition } from "@grpc/grpc-js";
import type { ClientReply, ClientRequest } from "../../core/control/command.ts";
import type { LogLine } from "../engine.ts";
import type { Codec } from "../wire/codec.ts";
import { clientReply, clientRequest } from "../wire/control.ts";
import {
  type LogEntry,
  type LogsRequest,
  logEntry,
  logLine,
  logsRequest,
  type TaskLogRequest,
  taskLogRequest,
} from "../wire/logs.ts";
import { type Decoded, protoMessage } from "../wire/proto.ts";
import { remembered } from "../wire/remembered.ts";
import { methodOf } from "../wire/schema.ts";
import {
  type BackupChunk,
  backupChunk,
  backupRequest,
  type InitReply,
  infoRequest,
  initReply,
  initRequest,
  joinReply,
  joinRequest,
  type LocalInit,
  type LocalJoin,
  type LocalLeave,
  leaveReply,
  leaveRequest,
  type NodeInfo,
  type Nothing,
  nodeInfo,
  type PeerFrame,
  peerFrame,
  type UnlockRequest,
  unlockReply,
  unlockRequest,
  type WatchEvent,
  type WatchRequest,
  watchEvent,
  watchRequest,
} from "../wire/services.ts";

/**
 * The services of `services.proto`. What comes out of a call is what the peer's bytes were found to
 * be: none of them makes a handler fail before it can answer.
 */

function method<In, Out>(
  service: string,
  name: string,
  request: Codec<In>,
  response: Codec<Out>,
): MethodDefinition<unknown, unknown> {
  const found = methodOf(service, name);
  const [asked, answered] = [protoMessage(request), protoMessage(response)];
  return {
    path: `/simswarm.v1.${service}/${name}`,
    requestStream: found?.requestStream === true,
    responseStream: found?.responseStream === true,
    requestSerialize: (value) => asked.encode(value as In),
    requestDeserialize: (bytes) => asked.decode(bytes),
    responseSerialize: (value) => answered.encode(value as Out),
    responseDeserialize: (bytes) => answered.decode(bytes),
  };
}

const frames = protoMessage(peerFrame);

/** Encoded before it waits for its turn, so that its size is known. */
export function encodeFrame(frame: PeerFrame): Buffer {
  return frames.encode(frame);
}

const asIs = (bytes: Buffer) => bytes;
const asBuffer = (bytes: unknown) => Buffer.from(bytes as Uint8Array);

/** What the bytes of a frame are found to be. */
export function decodeFrame(bytes: Uint8Array): Decoded<PeerFrame> {
  return frames.decode(bytes);
}

/** Takes encoded frames and gives them: how large they may be depends on who has sent them. */
export const peersService = {
  connect: {
    ...method("Peers", "Connect", peerFrame, peerFrame),
    requestSerialize: asBuffer,
    requestDeserialize: asIs,
    responseSerialize: asBuffer,
    responseDeserialize: asIs,
  },
};

export const controlService = {
  send: method<ClientRequest, ClientReply>("Control", "Send", clientRequest, clientReply),
  /** All who watch are told the same: its bytes are made once. */
  watch: method<WatchRequest, WatchEvent>("Control", "Watch", watchRequest, remembered(watchEvent)),
  logs: method<LogsRequest, LogEntry>("Control", "Logs", logsRequest, logEntry),
};

export const taskLogsService = {
  read: method<TaskLogRequest, LogLine>("TaskLogs", "Read", taskLogRequest, logLine),
};

/** Of one node, on its own socket only. */
export const localService = {
  unlock: method<UnlockRequest, Nothing>("LocalNode", "Unlock", unlockRequest, unlockReply),
  init: method<LocalInit, InitReply>("LocalNode", "Init", initRequest, initReply),
  join: method<LocalJoin, Nothing>("LocalNode", "Join", joinRequest, joinReply),
  leave: method<LocalLeave, Nothing>("LocalNode", "Leave", leaveRequest, leaveReply),
  info: method<Nothing, NodeInfo>("LocalNode", "Info", infoRequest, nodeInfo),
  backup: method<Nothing, BackupChunk>("LocalNode", "Backup", backupRequest, backupChunk),
};
