import type { Agent } from "../../core/agent/agent.ts";
import type { ContainerFile } from "../../core/agent/executor-request.ts";
import type { CaAnswer, CaRequest } from "../../core/ca/message.ts";
import type { ClientReply, ClientRequest } from "../../core/control/command.ts";
import type { AgentMessage, DispatcherMessage } from "../../core/dispatch/message.ts";
import type { Task } from "../../core/model/task.ts";
import type { Durable, StorageWrite } from "../../core/node/durable.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import type { NodeInput } from "../../core/node/input.ts";
import type { Member } from "../../core/node/member.ts";
import type { NodeMessage } from "../../core/node/message.ts";
import type { Role } from "../../core/raft/contract.ts";
import type { Entry, Membership, RaftMessage } from "../../core/raft/message.ts";
import type { Raft } from "../../core/raft/raft.ts";
import type { ContainerObserver } from "../ports/container-observer.ts";
import type { ForgedMessage } from "./forged-message.ts";
import type { Commit } from "./history.ts";
import type { Host } from "./host.ts";

/**
 * What a world tells of. Each method is told of one thing as it happens, in the order of events;
 * observers look and never touch.
 */
export interface WorldObserver extends ContainerObserver {
  /** A node is about to take one input. */
  taking(host: Host, input: NodeInput): void;
  /** A node has taken one input. */
  stepped(host: Host): void;
  /** A node takes inputs: told once a second at most, for what must happen within a while. */
  atWork(host: Host): void;
  /** A node has asked its disk to write. */
  wrote(host: Host, write: StorageWrite): void;
  /** A write is safe: it would survive a crash. */
  durable(host: Host, write: StorageWrite): void;
  /** A node is about to end: it can still be looked at. */
  ending(host: Host): void;
  crashed(host: Host): void;
  /** A node is about to start with what was found on its disk. */
  recovered(host: Host, found: Durable): void;
  /** A node does not start: its disk is damaged. */
  refused(host: Host, reason: string): void;
  sent(host: Host, to: string, message: NodeMessage): void;
  happened(host: Host, event: NodeEvent): void;
  /** An entry was applied for the first time anywhere. */
  committed(commit: Commit): void;
  /** A client was told the outcome of its command. */
  acknowledged(request: ClientRequest, reply: ClientReply): void;
  /** A node has looked at a message that its sender forged, and let it in or not. */
  forged(host: Host, message: ForgedMessage): void;
}

export type BeatAnswer = DispatcherMessage & { readonly kind: "heartbeat-received" };

/** An entry that a node has applied to its store. */
export type Applied = NodeEvent & { kind: "applied" };

/**
 * What can be listened to: what a world tells of, and parts of it for those who need no more, which
 * spares most of them most calls.
 */
export interface Topics extends WorldObserver {
  /**
   * A node takes part in Raft, and its role, term, leader or membership is another than after the
   * step before. Told before `stepped`.
   */
  memberTurned(host: Host, raft: Raft): void;
  /** The same, or what it holds of the log, or counts as committed. Told after `memberTurned`. */
  memberMoved(host: Host, raft: Raft): void;
  /** A node has taken one input, and holds secrets or configs. Told before `stepped`. */
  filesHeld(host: Host, agent: Agent): void;
  /** A leader that has caught up is `atWork`. Told before that. */
  leading(host: Host, member: Member): void;
  /** Of what a leader `wrote`: each entry that it has made itself. */
  proposed(leader: Host, entry: Entry, raft: Raft): void;
  /** Of what is `wrote`: that nothing which Raft had written before counts any more. */
  wiped(host: Host, write: StorageWrite): void;
  /** Of what is `sent`: Raft's messages, what agents and leaders say, and the CA's traffic. */
  raftSent(host: Host, message: RaftMessage): void;
  agentSent(host: Host, message: AgentMessage): void;
  dispatcherSent(host: Host, to: string, message: DispatcherMessage): void;
  /** A leader has heard a heartbeat: `dispatcherSent` does not tell of that. */
  beatAnswered(host: Host, to: string, message: BeatAnswer): void;
  caRequestSent(host: Host, message: CaRequest): void;
  caAnswerSent(host: Host, to: string, message: CaAnswer): void;
  /** What happens most; `happened` tells of the rest, but not of each step of an agent's task. */
  entryApplied(host: Host, event: Applied): void;
}

/** An observer that listens to a few of these. */
export type PartialObserver = Partial<Topics>;

/**
 * One who listens to a topic, and its method for it: looking that up anew in objects of sixty kinds
 * takes as long as most of them look.
 */
interface Listener<Topic extends keyof Topics> {
  readonly observer: PartialObserver;
  readonly tell: Topics[Topic];
}

type Listeners<Topic extends keyof Topics> = readonly Listener<Topic>[];

/** What `memberTurned` and `memberMoved` tell changes of. */
interface MemberView {
  readonly raft: Raft;
  readonly role: Role;
  readonly term: number;
  readonly leader: string | null;
  readonly membership: Membership;
  lastIndex: number;
  commit: number;
}

/** Who listens to each topic. */
class Audience {
  taking: Listeners<"taking"> = [];
  stepped: Listeners<"stepped"> = [];
  memberTurned: Listeners<"memberTurned"> = [];
  memberMoved: Listeners<"memberMoved"> = [];
  filesHeld: Listeners<"filesHeld"> = [];
  atWork: Listeners<"atWork"> = [];
  leading: Listeners<"leading"> = [];
  sent: Listeners<"sent"> = [];
  raftSent: Listeners<"raftSent"> = [];
  agentSent: Listeners<"agentSent"> = [];
  dispatcherSent: Listeners<"dispatcherSent"> = [];
  beatAnswered: Listeners<"beatAnswered"> = [];
  caRequestSent: Listeners<"caRequestSent"> = [];
  caAnswerSent: Listeners<"caAnswerSent"> = [];
  wrote: Listeners<"wrote"> = [];
  proposed: Listeners<"proposed"> = [];
  wiped: Listeners<"wiped"> = [];
  durable: Listeners<"durable"> = [];
  ending: Listeners<"ending"> = [];
  crashed: Listeners<"crashed"> = [];
  recovered: Listeners<"recovered"> = [];
  refused: Listeners<"refused"> = [];
  happened: Listeners<"happened"> = [];
  entryApplied: Listeners<"entryApplied"> = [];
  created: Listeners<"created"> = [];
  started: Listeners<"started"> = [];
  ended: Listeners<"ended"> = [];
  healthy: Listeners<"healthy"> = [];
  unhealthy: Listeners<"unhealthy"> = [];
  committed: Listeners<"committed"> = [];
  acknowledged: Listeners<"acknowledged"> = [];
  forged: Listeners<"forged"> = [];
}

const allTopics = Object.keys(new Audience()) as (keyof Topics)[];
/** What the objects of a class listen to, by its prototype: the same in each run. */
const topicsOfClass = new WeakMap<object, readonly (keyof Topics)[]>();

function topicsOf(observer: PartialObserver): readonly (keyof Topics)[] {
  const prototype: object = Object.getPrototypeOf(observer);
  const known = topicsOfClass.get(prototype);
  if (known !== undefined) return known;
  const topics = allTopics.filter((topic) => observer[topic] !== undefined);
  if (prototype !== Object.prototype) topicsOfClass.set(prototype, topics);
  return topics;
}

/** Tells several observers, each only what it listens to, in their order. */
export class FanOut implements WorldObserver {
  #to = new Audience();
  /** By host number, after its last step. */
  readonly #members: MemberView[] = [];

  /** From now on these are told, and nobody else. */
  listen(observers: readonly PartialObserver[]): void {
    const to = new Audience();
    for (const observer of observers) {
      for (const topic of topicsOf(observer)) {
        const listeners = to[topic] as { observer: PartialObserver; tell: unknown }[];
        listeners.push({ observer, tell: observer[topic] });
      }
    }
    this.#to = to;
  }

  taking(host: Host, input: NodeInput): void {
    for (const { observer, tell } of this.#to.taking) tell.call(observer, host, input);
  }
  stepped(host: Host): void {
    const { node } = host;
    if (node?.member) this.#memberStepped(host, node.member.raft);
    if (node?.agent.holdsFiles) {
      for (const { observer, tell } of this.#to.filesHeld) tell.call(observer, host, node.agent);
    }
    for (const { observer, tell } of this.#to.stepped) tell.call(observer, host);
  }
  #memberStepped(host: Host, raft: Raft): void {
    const { role, term, leader, membership, lastIndex, commit } = raft;
    const before = this.#members[host.number];
    const hasTurned =
      before?.raft !== raft ||
      before.role !== role ||
      before.term !== term ||
      before.leader !== leader ||
      before.membership !== membership;
    if (!hasTurned && before.lastIndex === lastIndex && before.commit === commit) return;
    if (hasTurned) {
      this.#members[host.number] = { raft, role, term, leader, membership, lastIndex, commit };
      for (const { observer, tell } of this.#to.memberTurned) tell.call(observer, host, raft);
    } else {
      before.lastIndex = lastIndex;
      before.commit = commit;
    }
    for (const { observer, tell } of this.#to.memberMoved) tell.call(observer, host, raft);
  }
  atWork(host: Host): void {
    const member = host.node?.member ?? null;
    if (member !== null && member.raft.role === "leader" && member.isManaging) {
      for (const { observer, tell } of this.#to.leading) tell.call(observer, host, member);
    }
    for (const { observer, tell } of this.#to.atWork) tell.call(observer, host);
  }
  sent(host: Host, to: string, message: NodeMessage): void {
    for (const { observer, tell } of this.#to.sent) tell.call(observer, host, to, message);
    if (message.kind === "raft") {
      for (const { observer, tell } of this.#to.raftSent)
        tell.call(observer, host, message.message);
    } else if (message.kind === "agent") {
      for (const { observer, tell } of this.#to.agentSent)
        tell.call(observer, host, message.message);
    } else if (message.kind === "dispatcher") {
      this.#dispatcherSent(host, to, message.message);
    } else if (message.kind === "ca-request") {
      for (const { observer, tell } of this.#to.caRequestSent) {
        tell.call(observer, host, message.message);
      }
    } else if (message.kind === "ca-answer") {
      for (const { observer, tell } of this.#to.caAnswerSent) {
        tell.call(observer, host, to, message.message);
      }
    }
  }
  #dispatcherSent(host: Host, to: string, message: DispatcherMessage): void {
    if (message.kind === "heartbeat-received") {
      for (const { observer, tell } of this.#to.beatAnswered) {
        tell.call(observer, host, to, message);
      }
    } else {
      for (const { observer, tell } of this.#to.dispatcherSent) {
        tell.call(observer, host, to, message);
      }
    }
  }
  wrote(host: Host, write: StorageWrite): void {
    for (const { observer, tell } of this.#to.wrote) tell.call(observer, host, write);
    if (write.wipesRaft) {
      for (const { observer, tell } of this.#to.wiped) tell.call(observer, host, write);
    }
    const { raft } = host;
    if (raft?.role === "leader") this.#tellProposed(host, raft, write);
  }
  /** What it writes again behind a snapshot is nothing new. */
  #tellProposed(host: Host, raft: Raft, write: StorageWrite): void {
    for (const { entries, snapshot } of write.raft) {
      for (const entry of snapshot === null ? entries : []) {
        if (entry.term !== raft.term) continue;
        for (const { observer, tell } of this.#to.proposed) tell.call(observer, host, entry, raft);
      }
    }
  }
  durable(host: Host, write: StorageWrite): void {
    for (const { observer, tell } of this.#to.durable) tell.call(observer, host, write);
  }
  ending(host: Host): void {
    for (const { observer, tell } of this.#to.ending) tell.call(observer, host);
  }
  crashed(host: Host): void {
    for (const { observer, tell } of this.#to.crashed) tell.call(observer, host);
  }
  recovered(host: Host, found: Durable): void {
    for (const { observer, tell } of this.#to.recovered) tell.call(observer, host, found);
  }
  refused(host: Host, reason: string): void {
    for (const { observer, tell } of this.#to.refused) tell.call(observer, host, reason);
  }
  happened(host: Host, event: NodeEvent): void {
    if (event.kind === "applied") {
      for (const { observer, tell } of this.#to.entryApplied) tell.call(observer, host, event);
    } else if (event.kind !== "task") {
      for (const { observer, tell } of this.#to.happened) tell.call(observer, host, event);
    }
  }
  created(host: number, task: Task, files: readonly ContainerFile[]): void {
    for (const { observer, tell } of this.#to.created) tell.call(observer, host, task, files);
  }
  started(host: number, task: string): void {
    for (const { observer, tell } of this.#to.started) tell.call(observer, host, task);
  }
  ended(host: number, task: string): void {
    for (const { observer, tell } of this.#to.ended) tell.call(observer, host, task);
  }
  healthy(host: number, task: string): void {
    for (const { observer, tell } of this.#to.healthy) tell.call(observer, host, task);
  }
  unhealthy(host: number, task: string): void {
    for (const { observer, tell } of this.#to.unhealthy) tell.call(observer, host, task);
  }
  committed(commit: Commit): void {
    for (const { observer, tell } of this.#to.committed) tell.call(observer, commit);
  }
  acknowledged(request: ClientRequest, reply: ClientReply): void {
    for (const { observer, tell } of this.#to.acknowledged) tell.call(observer, request, reply);
  }
  forged(host: Host, message: ForgedMessage): void {
    for (const { observer, tell } of this.#to.forged) tell.call(observer, host, message);
  }
}
