import { Agent, nothing } from "../agent/agent.ts";
import { assert, unreachable } from "../base/assert.ts";
import { Random } from "../base/random.ts";
import type { Instant } from "../base/time.ts";
import type { ClientRequest } from "../control/command.ts";
import type { Task } from "../model/task.ts";
import type { NodeConfig } from "./config.ts";
import type { Moment, NodeInput, NodeOutput } from "./input.ts";
import { Member } from "./member.ts";
import type { NodeMessage } from "./message.ts";
import { Outbox } from "./outbox.ts";

/** A storage write on its way: whom to tell once it is safe. */
interface PendingWrite {
  readonly number: number;
  /** Id of the newest Raft write in it; null when there is none. */
  readonly raft: number | null;
  readonly tasks: ReadonlyMap<string, Task | null>;
}

/**
 * One node of the cluster as one machine: an agent, and on managers a Raft member besides.
 *
 * The same inputs at the same moments give the same outputs. All outputs may be carried out at
 * once, in their order: what must wait for the disk is held back inside.
 */
export class Node {
  readonly id: string;
  /** Null on a worker. */
  readonly member: Member | null;
  readonly agent: Agent;
  readonly #outbox = new Outbox();
  readonly #writes: PendingWrite[] = [];
  #writeNumber = 0;

  constructor(config: NodeConfig, boot: NodeInput & { kind: "boot" }, moment: Moment) {
    const random = new Random(boot.seed);
    const { id, managers, description, planted } = config;
    const { durable, containers } = boot;
    this.id = id;
    this.member = managers.includes(id)
      ? new Member(config, durable, random.split("member"), this.#outbox, moment)
      : null;
    const agent = { managers, description, random: random.split("agent"), planted };
    this.agent = new Agent(agent, durable.tasks, containers, moment.now);
  }

  /** When the node must be woken though nothing has reached it. */
  get deadline(): Instant {
    const { member, agent } = this;
    return member === null
      ? agent.deadline
      : (Math.min(member.deadline, agent.deadline) as Instant);
  }

  /** Takes one input; `boot` is the constructor's. Time never goes back from one to the next. */
  step(input: NodeInput, moment: Moment): NodeOutput[] {
    this.member?.begin(moment);
    switch (input.kind) {
      case "boot":
      case "wake":
        break;
      case "message":
        this.#receive(input.from, input.message, moment);
        break;
      case "written":
        this.#written(input.number);
        break;
      case "executor":
        this.agent.executed(input.event, moment.now);
        break;
      case "request":
        assert(this.member !== null, "requests go to managers");
        this.#request(this.member, input.token, input.request);
        break;
      default:
        return unreachable(input);
    }
    return this.#finish(moment);
  }

  #request(member: Member, token: number, request: ClientRequest): void {
    if (request.kind === "query") member.query(token, request);
    else member.command(token, request);
  }

  #receive(from: string, message: NodeMessage, moment: Moment): void {
    const { member } = this;
    if (message.kind === "dispatcher") return this.agent.receive(from, message.message, moment.now);
    if (member === null) return;
    switch (message.kind) {
      case "raft":
        return member.raftInput({ kind: "message", message: message.message });
      case "snapshot":
        return member.snapshotMessage(from, message.message);
      case "agent":
        return member.agentMessage(from, message.message);
      case "forward":
        return member.forwarded({ node: from, token: message.token }, message.request);
      case "forward-reply":
        return member.forwardReply(message.token, message.reply);
      default:
        return unreachable(message);
    }
  }

  #written(number: number): void {
    for (let write = this.#writes[0]; write !== undefined && write.number <= number; ) {
      this.#writes.shift();
      if (write.raft !== null) this.member?.raftInput({ kind: "written", id: write.raft });
      this.agent.written(write.tasks);
      write = this.#writes[0];
    }
  }

  #finish(moment: Moment): NodeOutput[] {
    this.member?.finish();
    this.#finishAgent(moment);
    this.#write();
    return this.#outbox.take();
  }

  #finishAgent(moment: Moment): void {
    const output = this.agent.output(moment.now);
    if (output === nothing) return;
    const { toManagers, requests, tasks, observed } = output;
    for (const { to, message } of toManagers) this.#outbox.send(to, { kind: "agent", message });
    for (const request of requests) this.#outbox.outputs.push({ kind: "execute", request });
    for (const [id, task] of tasks) this.#outbox.writeTask(id, task);
    for (const task of observed) this.#outbox.event({ kind: "task", task });
  }

  #write(): void {
    const parts = this.#outbox.takeWrites();
    if (parts === null) return;
    this.#writeNumber += 1;
    const number = this.#writeNumber;
    const { raft, tasks } = parts;
    this.#writes.push({ number, raft: raft[raft.length - 1]?.id ?? null, tasks });
    this.#outbox.outputs.unshift({ kind: "write", write: { number, raft, tasks } });
  }
}
