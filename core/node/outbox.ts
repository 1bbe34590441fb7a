import type { AgentOutput } from "../agent/output.ts";
import type { ExternalOutput } from "../ca/external-issuer.ts";
import type { SignerRequest } from "../ca/signer-request.ts";
import type { ClientReply } from "../control/command.ts";
import type { Rejection } from "../model/rejection.ts";
import type { Standing } from "../model/standing.ts";
import type { Task } from "../model/task.ts";
import type { RaftWrite } from "../raft/contract.ts";
import type { StorageWrite } from "./durable.ts";
import type { NodeEvent } from "./event.ts";
import type { NodeOutput } from "./input.ts";
import type { NodeMessage, NodeWords } from "./message.ts";

const noTasks: StorageWrite["tasks"] = new Map();

/** What the parts of a node want done in this step, in the order in which they said it. */
export class Outbox {
  outputs: NodeOutput[] = [];
  /** Goes with every message. */
  incarnation = 0;
  #raftWrites: RaftWrite[] = [];
  #taskWrites: Map<string, Task | null> | null = null;
  #standing: Standing | null = null;
  #wipesRaft = false;

  /** Everything said since the last call. */
  take(): NodeOutput[] {
    const { outputs } = this;
    if (outputs.length > 0) this.outputs = [];
    return outputs;
  }

  /** What must be made durable since the last call; null when nothing must. */
  takeWrites(): Omit<StorageWrite, "number"> | null {
    const raft = this.#raftWrites;
    const tasks = this.#taskWrites;
    const standing = this.#standing;
    if (raft.length === 0 && tasks === null && standing === null) return null;
    const wipesRaft = this.#wipesRaft;
    this.#raftWrites = [];
    this.#taskWrites = null;
    this.#standing = null;
    this.#wipesRaft = false;
    return { wipesRaft, raft, tasks: tasks ?? noTasks, standing };
  }

  /** The node's place is another; with `wipesRaft` nothing that Raft has written so far counts. */
  writeStanding(standing: Standing, wipesRaft: boolean): void {
    this.#standing = standing;
    if (!wipesRaft) return;
    this.#wipesRaft = true;
    this.#raftWrites = [];
  }

  writeRaft(write: RaftWrite): void {
    this.#raftWrites.push(write);
  }

  writeTask(id: string, task: Task | null): void {
    this.#taskWrites ??= new Map();
    this.#taskWrites.set(id, task);
  }

  /** `words` are taken over: a copy of each message would be a tenth of what a quiet node does. */
  send(to: string, words: NodeWords & { incarnation?: number }): void {
    words.incarnation = this.incarnation;
    this.outputs.push({ kind: "send", to, message: words as NodeMessage });
  }

  /** Without a certificate no manager would listen to the agent. */
  agent(
    { toManagers, requests, routes, overlays, tasks, observed, refusal: reason }: AgentOutput,
    isCertified: boolean,
  ): void {
    for (const { to, message } of isCertified ? toManagers : []) {
      this.send(to, { kind: "agent", message });
    }
    for (const overlay of overlays) this.outputs.push({ kind: "carry", overlay });
    for (const request of requests) this.outputs.push({ kind: "execute", request });
    for (const route of routes) this.outputs.push({ kind: "route", route });
    for (const [id, task] of tasks) this.writeTask(id, task);
    for (const task of observed) this.event({ kind: "task", task });
    if (reason !== null) this.event({ kind: "registration-refused", reason });
  }

  sign(request: SignerRequest): void {
    this.outputs.push({ kind: "sign", request });
  }

  outside({ requests, failures }: ExternalOutput): void {
    for (const request of requests) this.outputs.push({ kind: "ask", request });
    for (const failure of failures) this.event(failure);
  }

  reply(token: number, reply: ClientReply): void {
    this.outputs.push({ kind: "reply", token, reply });
  }

  refuse(token: number, rejection: Rejection): void {
    this.reply(token, { kind: "outcome", outcome: { kind: "refused", rejection } });
  }

  event(event: NodeEvent): void {
    this.outputs.push({ kind: "event", event });
  }
}
