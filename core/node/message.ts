import type { CaAnswer, CaRequest } from "../ca/message.ts";
import type { ClientCommand, ClientReply } from "../control/command.ts";
import type { AgentMessage, DispatcherMessage } from "../dispatch/message.ts";
import type { RaftMessage } from "../raft/message.ts";
import type { SnapshotMessage } from "./snapshot-message.ts";

/** Every message between two nodes. Immutable: the simulator delivers it by reference. */
export type NodeMessage =
  | { readonly kind: "raft"; readonly message: RaftMessage }
  | { readonly kind: "agent"; readonly message: AgentMessage }
  | { readonly kind: "dispatcher"; readonly message: DispatcherMessage }
  /** A part of Raft's `snapshot` message, or the answer to one. */
  | { readonly kind: "snapshot"; readonly message: SnapshotMessage }
  /** A client's command, handed on by a manager that does not lead. */
  | { readonly kind: "forward"; readonly token: number; readonly request: ClientCommand }
  | { readonly kind: "forward-reply"; readonly token: number; readonly reply: ClientReply }
  | { readonly kind: "ca-request"; readonly message: CaRequest }
  | { readonly kind: "ca-answer"; readonly message: CaAnswer };
