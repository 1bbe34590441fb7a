import type { ClientReply } from "../control/command.ts";
import type { Task } from "../model/task.ts";
import type { RaftWrite } from "../raft/contract.ts";
import type { NodeEvent } from "./event.ts";
import type { NodeOutput } from "./input.ts";
import type { NodeMessage } from "./message.ts";

/** What the parts of a node want done in this step, in the order in which they said it. */
export class Outbox {
  outputs: NodeOutput[] = [];
  readonly raftWrites: RaftWrite[] = [];
  readonly taskWrites = new Map<string, Task | null>();

  /** Everything said since the last call. */
  take(): NodeOutput[] {
    const { outputs } = this;
    if (outputs.length > 0) this.outputs = [];
    return outputs;
  }

  send(to: string, message: NodeMessage): void {
    this.outputs.push({ kind: "send", to, message });
  }

  reply(token: number, reply: ClientReply): void {
    this.outputs.push({ kind: "reply", token, reply });
  }

  event(event: NodeEvent): void {
    this.outputs.push({ kind: "event", event });
  }
}
