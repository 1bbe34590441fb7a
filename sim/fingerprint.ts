import type { Digest } from "../core/base/digest.ts";
import type { NodeMessage } from "../core/node/message.ts";
import type { RaftMessage } from "../core/raft/message.ts";
import { EventKind, type SimEvent } from "./kernel.ts";
import type { Packet } from "./network.ts";

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
  digest.number(message.term).number(message.kind.length);
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
  digest.text(message.kind);
  if (message.kind === "forward" || message.kind === "forward-reply") {
    digest.number(message.token);
    return;
  }
  const inner = message.message;
  digest.text(inner.kind);
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
