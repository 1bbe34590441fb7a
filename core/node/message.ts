import type { Timestamp } from "../base/time.ts";
import type { CaAnswer, CaRequest } from "../ca/message.ts";
import type { ClientCommand, ClientReply } from "../control/command.ts";
import type { AgentMessage, DispatcherMessage } from "../dispatch/message.ts";
import type { MemberId, RaftMessage } from "../raft/message.ts";
import type { SnapshotMessage } from "./snapshot-message.ts";

/** What one node says to another. Immutable: the simulator delivers it by reference. */
export type NodeWords =
  /** `time`: the cluster's, as the sender knows it when it sends; null: it knows none. */
  | { readonly kind: "raft"; readonly message: RaftMessage; readonly time: Timestamp | null }
  | { readonly kind: "agent"; readonly message: AgentMessage }
  | { readonly kind: "dispatcher"; readonly message: DispatcherMessage }
  /** A part of Raft's `snapshot` message, or the answer to one; `from` and `to` as in Raft's. */
  | {
      readonly kind: "snapshot";
      readonly from: MemberId;
      readonly to: MemberId;
      readonly message: SnapshotMessage;
    }
  /** A client's command, handed on by a manager that does not lead. */
  | { readonly kind: "forward"; readonly token: number; readonly request: ClientCommand }
  | { readonly kind: "forward-reply"; readonly token: number; readonly reply: ClientReply }
  | { readonly kind: "ca-request"; readonly message: CaRequest }
  | { readonly kind: "ca-answer"; readonly message: CaAnswer }
  /** The answer to words of an older incarnation: there is a newer one, with these managers. */
  | { readonly kind: "superseded"; readonly managers: readonly string[] }
  /** A manager asks another, before it starts the cluster anew, whether it still serves. */
  | { readonly kind: "are-you-there" }
  | { readonly kind: "here-i-am" };

/** A message between two nodes, with the incarnation of the cluster that the sender knows. */
export type NodeMessage = NodeWords & { readonly incarnation: number };

/** All but what says only that another incarnation is meant. */
export type OfIncarnation = Exclude<NodeMessage, { kind: "superseded" }>;

/** What only a manager takes. */
export type ToMember = Exclude<
  OfIncarnation,
  { kind: "are-you-there" | "here-i-am" | "dispatcher" | "ca-answer" }
>;
