import type { SignerRequest } from "../ca/signer-request.ts";
import type { ClientReply } from "../control/command.ts";
import type { Task } from "../model/task.ts";
import type { RaftWrite } from "../raft/contract.ts";
import type { StorageWrite } from "./durable.ts";
import type { NodeEvent } from "./event.ts";
import type { NodeOutput } from "./input.ts";
import type { NodeMessage } from "./message.ts";

const noTasks: StorageWrite["tasks"] = new Map();

/** What the parts of a node want done in this step, in the order in which they said it. */
export class Outbox {
  outputs: NodeOutput[] = [];
  #raftWrites: RaftWrite[] = [];
  #taskWrites: Map<string, Task | null> | null = null;

  /** Everything said since the last call. */
  take(): NodeOutput[] {
    const { outputs } = this;
    if (outputs.length > 0) this.outputs = [];
    return outputs;
  }

  /** What must be made durable since the last call; null when nothing must. */
  takeWrites(): Pick<StorageWrite, "raft" | "tasks"> | null {
    const raft = this.#raftWrites;
    const tasks = this.#taskWrites;
    if (raft.length === 0 && tasks === null) return null;
    this.#raftWrites = [];
    this.#taskWrites = null;
    return { raft, tasks: tasks ?? noTasks };
  }

  writeRaft(write: RaftWrite): void {
    this.#raftWrites.push(write);
  }

  writeTask(id: string, task: Task | null): void {
    this.#taskWrites ??= new Map();
    this.#taskWrites.set(id, task);
  }

  send(to: string, message: NodeMessage): void {
    this.outputs.push({ kind: "send", to, message });
  }

  sign(request: SignerRequest): void {
    this.outputs.push({ kind: "sign", request });
  }

  reply(token: number, reply: ClientReply): void {
    this.outputs.push({ kind: "reply", token, reply });
  }

  event(event: NodeEvent): void {
    this.outputs.push({ kind: "event", event });
  }
}
