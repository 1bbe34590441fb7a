import { Agent, nothing } from "../agent/agent.ts";
import { assert, unreachable } from "../base/assert.ts";
import { Random } from "../base/random.ts";
import { type Instant, never } from "../base/time.ts";
import { type Gate, type Peer, refusal, type Traffic } from "../ca/admission.ts";
import { Identity } from "../ca/identity.ts";
import type { SignerAnswer } from "../ca/signer-request.ts";
import type { ClientRequest } from "../control/command.ts";
import type { DispatcherMessage } from "../dispatch/message.ts";
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
  readonly identity: Identity;
  /** Those that it founds the cluster with; none when it joins one. */
  readonly #founders: readonly string[];
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
    this.#founders = managers.includes(id) ? managers : [];
    const askFirst = this.#founders.length > 0 ? id : null;
    const applicant = { managers, askFirst, description, random: random.split("ca"), planted };
    this.identity = new Identity(applicant, boot.identity, moment.now, moment.calendar);
  }

  /** When the node must be woken though nothing has reached it. */
  get deadline(): Instant {
    const { member, agent, identity } = this;
    const others = member?.deadline ?? never;
    return Math.min(others, agent.deadline, identity.deadline) as Instant;
  }

  /** Takes one input; `boot` is the constructor's. Time never goes back from one to the next. */
  step(input: NodeInput, moment: Moment): NodeOutput[] {
    this.member?.begin(moment);
    this.identity.begin(moment.now, moment.calendar);
    switch (input.kind) {
      case "boot":
      case "wake":
        break;
      case "message":
        this.#receive(input.message, { id: input.from, certificate: input.certificate }, moment);
        break;
      case "written":
        this.#written(input.number);
        break;
      case "executor":
        this.agent.executed(input.event, moment.now);
        break;
      case "signed":
        this.#signed(input.answer, moment);
        break;
      case "join":
        this.identity.join(input.token);
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

  #receive(message: NodeMessage, peer: Peer, moment: Moment): void {
    const reason = refusal(trafficOf(message), peer, this.#gate(peer, moment));
    if (reason === null) return this.#admit(message, peer, moment);
    this.#outbox.event({ kind: "denied", from: peer.id, reason });
  }

  #gate({ id }: Peer, { calendar }: Moment): Gate {
    const { member } = this;
    return {
      self: this.id,
      calendar,
      trusted: this.identity.trusted,
      founders: this.#founders,
      ca: member?.store.cluster?.ca ?? null,
      stored: member?.store.nodes.get(id),
      isLeading: member?.isManaging ?? false,
    };
  }

  #admit(message: NodeMessage, { id: from, certificate }: Peer, moment: Moment): void {
    const { member } = this;
    if (message.kind === "dispatcher") return this.#told(from, message.message, moment);
    if (message.kind === "ca-answer") return this.identity.receive(from, message.message);
    if (member === null) return;
    switch (message.kind) {
      case "raft":
        return member.raftInput({ kind: "message", message: message.message });
      case "snapshot":
        return member.snapshotMessage(from, message.message);
      case "agent":
        return member.agentMessage(from, message.message, certificate);
      case "forward":
        return member.forwarded({ node: from, token: message.token }, message.request);
      case "forward-reply":
        return member.forwardReply(message.token, message.reply);
      case "ca-request":
        return member.caRequest(from, message.message, certificate);
      default:
        return unreachable(message);
    }
  }

  #told(from: string, message: DispatcherMessage, moment: Moment): void {
    if (message.kind === "session" || message.kind === "heartbeat-received") {
      const managers = message.kind === "session" ? message.managers : null;
      if (message.security !== null) this.identity.told(message.security, managers);
    }
    this.agent.receive(from, message, moment.now);
  }

  #signed(answer: SignerAnswer, { now }: Moment): void {
    this.member?.signed(answer);
    if (!this.identity.signed(answer)) return;
    this.agent.reconnect(now);
    const { certificate } = this.identity;
    if (certificate !== null) this.#outbox.event({ kind: "certified", certificate });
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
    this.#finishIdentity();
    this.#finishAgent(moment);
    this.#write();
    return this.#outbox.take();
  }

  /** A manager of the first hour finds the token in its own store. */
  #finishIdentity(): void {
    const { identity } = this;
    const ca = this.member?.store.cluster?.ca ?? null;
    if (identity.certificate === null && ca?.founding.includes(this.id)) {
      identity.join(ca.joinTokens.manager);
    }
    const { toManagers, sign } = identity.output();
    for (const { to, message } of toManagers) {
      this.#outbox.send(to, { kind: "ca-request", message });
    }
    for (const request of sign) this.#outbox.sign(request);
  }

  /** Without a certificate no manager would listen to the agent. */
  #finishAgent(moment: Moment): void {
    const output = this.agent.output(moment.now);
    if (output === nothing) return;
    const { toManagers, requests, tasks, observed } = output;
    const isCertified = this.identity.certificate !== null;
    for (const { to, message } of isCertified ? toManagers : []) {
      this.#outbox.send(to, { kind: "agent", message });
    }
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

function trafficOf({ kind }: NodeMessage): Traffic {
  if (kind === "snapshot") return "raft";
  return kind === "forward-reply" ? "forward" : kind;
}
