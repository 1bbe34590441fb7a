import type { CaAnswer, CaRequest } from "../core/ca/message.ts";
import type { AgentMessage, DispatcherMessage } from "../core/dispatch/message.ts";
import type { NodeMessage } from "../core/node/message.ts";
import type { SnapshotMessage } from "../core/node/snapshot-message.ts";
import type { RaftMessage } from "../core/raft/message.ts";
import type { Digest } from "./digest.ts";
import { EventKind, type SimEvent } from "./kernel.ts";
import type { Packet } from "./ports/network.ts";

/** The numbers are part of every digest: never reuse one. */
const raftCodes: Readonly<Record<RaftMessage["kind"], number>> = {
  vote: 1,
  "pre-vote": 2,
  "vote-response": 3,
  "pre-vote-response": 4,
  append: 5,
  "append-response": 6,
  heartbeat: 7,
  "heartbeat-response": 8,
  snapshot: 9,
  "timeout-now": 10,
  "read-index": 11,
  "read-index-response": 12,
};
type OtherMessage = CaAnswer | CaRequest | AgentMessage | DispatcherMessage | SnapshotMessage;
export const messageCodes: Readonly<Record<OtherMessage["kind"], number>> = {
  register: 40,
  heartbeat: 41,
  "task-status": 42,
  "assignments-received": 43,
  session: 44,
  "heartbeat-received": 45,
  "not-leader": 46,
  "session-invalid": 47,
  assignments: 48,
  "status-recorded": 49,
  chunk: 50,
  ack: 51,
  "root-request": 52,
  "certificate-request": 53,
  root: 54,
  certificate: 55,
  "certificate-refused": 56,
  "ask-leader": 57,
  standing: 58,
  "registration-refused": 59,
};

const nodeCodes = { superseded: 60, "are-you-there": 61, "here-i-am": 62 } as const;

/** Folds one handled event into a run's digest: when, what, where, and what tells it apart. */
export function foldEvent(digest: Digest, event: SimEvent): void {
  digest.number(event.time).number((event.host + 1) * 16 + event.kind);
  if (event.kind === EventKind.DELIVER) foldPacket(digest, event.subject as Packet);
}

function foldPacket(digest: Digest, { from, message }: Packet): void {
  digest.number(from);
  if (message.kind === "raft") foldRaft(digest, message.message);
  else foldOther(digest, message);
}

function foldRaft(digest: Digest, message: RaftMessage): void {
  digest.number(message.term * 32 + raftCodes[message.kind]);
  switch (message.kind) {
    case "append":
      digest.number(message.prevIndex + message.entries.length).number(message.commit);
      return;
    case "append-response":
      digest.number(message.rejected ? -message.index : message.index);
      return;
    case "heartbeat":
      digest.number(message.commit);
      return;
    case "vote":
    case "pre-vote":
      digest.number(message.lastIndex);
      return;
    case "vote-response":
    case "pre-vote-response":
      digest.number(message.granted ? 1 : 0);
      return;
    default:
  }
}

function foldOther(digest: Digest, message: Exclude<NodeMessage, { kind: "raft" }>): void {
  if (message.kind === "forward" || message.kind === "forward-reply") {
    digest.number(message.token).number(message.kind === "forward" ? 32 : 33);
    return;
  }
  if (!("message" in message)) {
    digest.number(nodeCodes[message.kind]);
    return;
  }
  const inner = message.message;
  digest.number(messageCodes[inner.kind]);
  if (inner.kind === "task-status") {
    for (const { task, status } of inner.reports) digest.text(task).number(status.state);
  } else if (inner.kind === "chunk") {
    digest.number(inner.term).number(inner.index).number(inner.chunk.offset);
  } else if (inner.kind === "ack") {
    digest.number(inner.term).number(inner.next);
  } else if (inner.kind === "assignments") {
    digest.number(inner.resultsIn).number(inner.tasks.length).number(inner.removed.length);
  }
}
