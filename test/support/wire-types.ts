import { clientReply, clientRequest } from "../../real/wire/control.ts";
import { agentMessage, dispatcherMessage } from "../../real/wire/dispatch.ts";
import { logEntry, logLine, logsRequest, taskLogRequest } from "../../real/wire/logs.ts";
import { listedNode, node } from "../../real/wire/node.ts";
import { nodeMessage } from "../../real/wire/node-message.ts";
import { payloadContent } from "../../real/wire/payload.ts";
import { raftMessage, raftSnapshot } from "../../real/wire/raft.ts";
import { service } from "../../real/wire/service.ts";
import {
  backupChunk,
  backupRequest,
  infoRequest,
  initReply,
  initRequest,
  joinReply,
  joinRequest,
  leaveReply,
  leaveRequest,
  nodeInfo,
  peerFrame,
  unlockReply,
  unlockRequest,
  watchEvent,
  watchRequest,
} from "../../real/wire/services.ts";
import { standing } from "../../real/wire/standing.ts";
import {
  config,
  objectCodecs,
  secret,
  storeEntry,
  storeObject,
  storeSnapshot,
} from "../../real/wire/store.ts";
import { task } from "../../real/wire/task.ts";

/** Every type that is written or sent by itself, and every object, by the name of its message. */
export const wireTypes = {
  Service: service,
  Task: task,
  Node: node,
  ListedNode: listedNode,
  Cluster: objectCodecs.cluster,
  Secret: secret,
  Config: config,
  Volume: objectCodecs.volume,
  Network: objectCodecs.network,
  StoreObject: storeObject,
  StoreEntry: storeEntry,
  StoreSnapshot: storeSnapshot,
  Standing: standing,
  Payload: payloadContent,
  RaftMessage: raftMessage,
  Snapshot: raftSnapshot,
  AgentMessage: agentMessage,
  DispatcherMessage: dispatcherMessage,
  ClientRequest: clientRequest,
  ClientReply: clientReply,
  NodeMessage: nodeMessage,
  PeerFrame: peerFrame,
  WatchRequest: watchRequest,
  WatchEvent: watchEvent,
  UnlockRequest: unlockRequest,
  UnlockReply: unlockReply,
  InitRequest: initRequest,
  InitReply: initReply,
  JoinRequest: joinRequest,
  JoinReply: joinReply,
  LeaveRequest: leaveRequest,
  LeaveReply: leaveReply,
  InfoRequest: infoRequest,
  InfoReply: nodeInfo,
  BackupRequest: backupRequest,
  BackupChunk: backupChunk,
  TaskLogRequest: taskLogRequest,
  LogsRequest: logsRequest,
  LogLine: logLine,
  LogEntry: logEntry,
} as const;
