import { Agent, nothing } from "../agent/agent.ts";
import { unreachable } from "../base/assert.ts";
import type { Probe } from "../base/probe.ts";
import { Random } from "../base/random.ts";
import { type Instant, never } from "../base/time.ts";
import type { ClientReply, ClientRequest } from "../control/command.ts";
import type { AgentMessage, DispatcherMessage } from "../dispatch/message.ts";
import { nodeOfMember, type Standing } from "../model/standing.ts";
import type { Task } from "../model/task.ts";
import type { Snapshot } from "../raft/message.ts";
import type { NodeConfig } from "./config.ts";
import { type Durable, nothingDurable } from "./durable.ts";
import type { Moment, NodeInput, NodeOutput } from "./input.ts";
import { forcedLog, LoneStart, membershipIn, nextIncarnation } from "./lone-start.ts";
import { Member } from "./member.ts";
import type { NodeMessage } from "./message.ts";
import { Outbox } from "./outbox.ts";
import { firstStanding, obeyed, superseded } from "./standing.ts";

/** A storage write on its way: whom to tell once it is safe. */
interface PendingWrite {
  readonly number: number;
  /** Id of the newest Raft write in it; null when there is none, or its writer is gone. */
  raft: number | null;
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
  readonly agent: Agent;
  readonly #config: NodeConfig;
  readonly #random: Random;
  readonly #outbox = new Outbox();
  #standing: Standing;
  #member: Member | null = null;
  /** Not null while this manager asks whether it may go on alone. */
  #lone: { readonly start: LoneStart; readonly durable: Durable } | null = null;
  readonly #writes: PendingWrite[] = [];
  #writeNumber = 0;

  constructor(config: NodeConfig, boot: NodeInput & { kind: "boot" }, moment: Moment) {
    const random = new Random(boot.seed);
    const { id, managers: contacts, joinsAs = "worker", description, planted } = config;
    const { probe = null } = config;
    const { durable, containers } = boot;
    this.id = id;
    this.#config = config;
    this.#random = random;
    this.#standing = durable.standing ?? firstStanding(config);
    this.#outbox.incarnation = this.#standing.incarnation;
    const mayForce = config.forceNewCluster === true && this.#standing.memberId !== null;
    if (mayForce) this.#lone = { start: this.#loneStart(durable, moment.now), durable };
    else this.#takePart(durable, moment);
    const { managers } = this.#standing;
    const session = { managers, contacts, joinsAs, description, random: random.split("agent") };
    this.agent = new Agent({ ...session, planted, probe }, durable.tasks, containers, moment.now);
  }

  /** Null on a worker. */
  get member(): Member | null {
    return this.#member;
  }

  /** The node's place in the cluster, as far as it has heard. */
  get standing(): Standing {
    return this.#standing;
  }

  /** When the node must be woken though nothing has reached it. */
  get deadline(): Instant {
    const part = this.member?.deadline ?? this.#lone?.start.deadline ?? never;
    return Math.min(part, this.agent.deadline) as Instant;
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
        this.#request(input.token, input.request);
        break;
      default:
        return unreachable(input);
    }
    return this.#finish(moment);
  }

  #request(token: number, request: ClientRequest): void {
    const { member } = this;
    if (member === null) this.#outbox.reply(token, notManager(this.agent.leader));
    else if (request.kind === "query") member.query(token, request);
    else member.command(token, request);
  }

  #receive(from: string, message: NodeMessage, moment: Moment): void {
    if (!this.#meet(from, message, moment)) return;
    if (message.kind === "dispatcher") {
      if (this.#config.probe) checkAssignments(this.#config.probe, this.id, message.message);
      this.agent.receive(from, message.message, moment.now);
      const order = this.agent.takeStanding();
      const standing = order === null ? null : obeyed(this.#standing, order);
      return standing === null ? undefined : this.#stand(standing, moment);
    }
    if (message.kind === "are-you-there") return this.#sayWhetherThere(from);
    if (message.kind === "here-i-am") return this.#lone?.start.heard(from);
    const { member } = this;
    if (member !== null) this.#receiveAsManager(member, from, message);
    else if (message.kind === "agent") this.#redirect(from, message.message);
  }

  /**
   * Words of an older incarnation are not for this node: the sender is told. Those of a newer one
   * end this node's part in the older. False: the message is not to be taken.
   */
  #meet(from: string, message: NodeMessage, moment: Moment): boolean {
    const { incarnation, managers } = this.#standing;
    if (message.incarnation < incarnation) {
      if (message.kind !== "superseded") this.#outbox.send(from, { kind: "superseded", managers });
      return false;
    }
    if (message.incarnation === incarnation) return message.kind !== "superseded";
    this.#config.probe?.reachable("older-incarnation-ended");
    const known = message.kind === "superseded" ? message.managers : [from];
    this.#stand(superseded(this.#standing, message.incarnation, known), moment);
    this.agent.restart(known, moment.now);
    return false;
  }

  /** The node's place is another from now on, on its disk too. */
  #stand(standing: Standing, moment: Moment): void {
    const isOther = standing.memberId !== this.#standing.memberId;
    this.#standing = standing;
    this.#outbox.incarnation = standing.incarnation;
    this.#outbox.writeStanding(standing, isOther);
    if (!isOther) return;
    this.#lone = null;
    this.#member?.stop();
    for (const write of this.#writes) write.raft = null;
    this.#outbox.event({ kind: "standing", standing });
    this.#takePart(nothingDurable, moment);
  }

  #takePart(durable: Durable, moment: Moment): void {
    const { memberId } = this.#standing;
    const random = memberId === null ? null : this.#random.split("member");
    this.#member =
      random === null
        ? null
        : new Member(this.#config, this.#standing, durable, random, this.#outbox, moment);
  }

  /** An agent takes this node for a manager: this node's own leader knows better. */
  #redirect(from: string, message: AgentMessage): void {
    const attempt = message.kind === "register" ? message.attempt : null;
    const answer = { kind: "not-leader", attempt, leader: this.agent.leader } as const;
    this.#outbox.send(from, { kind: "dispatcher", message: answer });
  }

  #receiveAsManager(member: Member, from: string, message: ToMember): void {
    switch (message.kind) {
      case "raft":
        if (message.message.to !== member.id) return;
        return member.raftInput({ kind: "message", message: message.message });
      case "snapshot":
        if (message.to !== member.id) return;
        return member.snapshotMessage(message.from, message.message);
      case "agent":
        return member.agentMessage(from, message.message);
      case "forward":
        return member.forwarded({ node: from, token: message.token }, message.request);
      case "forward-reply":
        return member.forwardReply(message.token, message.reply);
      case "dispatcher":
      case "superseded":
        return;
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

  #loneStart(durable: Durable, now: Instant): LoneStart {
    const { voters } = membershipIn(durable, this.#standing.founders);
    const others = voters.map(nodeOfMember).filter((node) => node !== this.id);
    return new LoneStart(others, now);
  }

  /** One that asks the same is there too: two that are a quorum together do not both go alone. */
  #sayWhetherThere(from: string): void {
    if (this.#standing.memberId !== null) this.#outbox.send(from, { kind: "here-i-am" });
  }

  #decideAlone(moment: Moment): void {
    if (this.#lone === null) return;
    const { start, durable } = this.#lone;
    for (const node of start.ask(moment.now)) this.#outbox.send(node, { kind: "are-you-there" });
    const areLost = this.#config.planted === "M05" ? true : start.areLost(moment.now);
    if (areLost === null) return;
    this.#lone = null;
    if (areLost) return this.#goAlone(durable, moment);
    this.#config.probe?.reachable("lone-start-refused");
    this.#outbox.event({ kind: "force-refused", reason: start.refusal });
    this.#takePart(durable, moment);
  }

  #goAlone(durable: Durable, moment: Moment): void {
    const random = this.#random.split("incarnation");
    const incarnation = nextIncarnation(this.#standing.incarnation, (most) => random.below(most));
    const standing = { ...this.#standing, incarnation, version: 0, managers: [this.id] };
    const log = forcedLog(durable, standing, this.id);
    if (log === null) return this.#takePart(durable, moment);
    const { hardState, snapshot } = log;
    this.#standing = standing;
    this.#outbox.incarnation = incarnation;
    this.#outbox.writeStanding(standing, true);
    this.#outbox.writeRaft({ id: 0, hardState, snapshot, entries: [], compactTo: 0 });
    this.#outbox.event({ kind: "forced", incarnation, snapshot: snapshot as Snapshot });
    this.agent.restart(standing.managers, moment.now);
    this.#takePart(log, moment);
  }

  #finish(moment: Moment): NodeOutput[] {
    this.#decideAlone(moment);
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
    const { wipesRaft, raft, tasks, standing } = parts;
    this.#writes.push({ number, raft: raft[raft.length - 1]?.id ?? null, tasks });
    const write = { number, wipesRaft, raft, tasks, standing };
    this.#outbox.outputs.unshift({ kind: "write", write });
  }
}

function checkAssignments(probe: Probe, node: string, message: DispatcherMessage): void {
  if (message.kind !== "assignments") return;
  for (const { nodeId } of message.tasks) probe.always(nodeId === node, "tasks-are-of-this-node");
}

type ToMember = Exclude<NodeMessage, { kind: "are-you-there" | "here-i-am" }>;

/** What becomes of a request to a node that is no manager. The words are Docker's. */
function notManager(leader: string | null): ClientReply {
  const reason =
    "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster " +
    "state. Please run this command on a manager node or promote the current node to a manager.";
  return { kind: "try-again", leader, reason };
}
