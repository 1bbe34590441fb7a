import type { NodeMessage } from "../../core/node/message.ts";
import type { RaftMessage } from "../../core/raft/message.ts";

/** A message of Raft as etcd's `TracingMessage` has it: unused fields are zero. */
export interface TlaMessage {
  readonly type: string;
  readonly term: number;
  readonly from: string;
  readonly to: string;
  readonly entries: number;
  readonly logTerm: number;
  readonly index: number;
  readonly commit: number;
  readonly vote: string;
  readonly reject: boolean;
  readonly rejectHint: number;
}

/** Null for what etcd does not trace. A snapshot counts with its first chunk. */
export function messageOf(message: NodeMessage): TlaMessage | null {
  if (message.kind === "raft") return raftMessage(message.message);
  if (message.kind !== "snapshot" || message.message.kind !== "chunk") return null;
  const { term, index, chunk } = message.message;
  if (chunk.offset !== 0) return null;
  const { from, to } = message;
  return traced("MsgSnap", { term, from, to }, { entries: index });
}

export function sentName(type: string): string | null {
  const name = names.get(type);
  return name === undefined ? null : `Send${name}`;
}

export function receivedName(type: string): string | null {
  const name = names.get(type);
  return name === undefined ? null : `Receive${name}`;
}

const names: ReadonlyMap<string, string> = new Map([
  ["MsgApp", "AppendEntriesRequest"],
  ["MsgHeartbeat", "AppendEntriesRequest"],
  ["MsgSnap", "AppendEntriesRequest"],
  ["MsgAppResp", "AppendEntriesResponse"],
  ["MsgHeartbeatResp", "AppendEntriesResponse"],
  ["MsgVote", "RequestVoteRequest"],
  ["MsgVoteResp", "RequestVoteResponse"],
]);

type Fields = Partial<Omit<TlaMessage, "type" | "from" | "to" | "term">>;

function traced(
  type: string,
  { term, from, to }: Pick<TlaMessage, "term" | "from" | "to">,
  fields: Fields = {},
): TlaMessage {
  const { entries = 0, logTerm = 0, index = 0, commit = 0, vote = "0" } = fields;
  const { reject = false, rejectHint = 0 } = fields;
  return { type, term, from, to, entries, logTerm, index, commit, vote, reject, rejectHint };
}

function raftMessage(message: RaftMessage): TlaMessage | null {
  switch (message.kind) {
    case "append": {
      const { prevIndex: index, prevTerm: logTerm, commit } = message;
      const entries = message.entries.length;
      return traced("MsgApp", message, { entries, logTerm, index, commit });
    }
    case "append-response": {
      const { index, rejected: reject, hintIndex: rejectHint, hintTerm: logTerm } = message;
      return traced("MsgAppResp", message, { index, reject, rejectHint, logTerm });
    }
    case "heartbeat":
      return traced("MsgHeartbeat", message, { commit: message.commit });
    case "heartbeat-response":
      return traced("MsgHeartbeatResp", message);
    case "vote": {
      const { lastIndex: index, lastTerm: logTerm } = message;
      return traced("MsgVote", message, { index, logTerm });
    }
    case "vote-response":
      return traced("MsgVoteResp", message, { reject: !message.granted });
    default:
      return null;
  }
}
