import type { ContainerFile } from "../../core/agent/executor-request.ts";
import { found } from "../../core/base/gather.ts";
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
import type { ForgedMessage } from "./forged-message.ts";
import type { Commit } from "./history.ts";
import type { Host } from "./host.ts";

/**
 * What a world tells of. Each method is told of one thing as it happens, in the order of events;
 * observers look and never touch.
 */
export interface WorldObserver {
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
  /** An engine is about to make a container: of this task, as it was told, with these files. */
  created(host: number, task: Task, files: readonly ContainerFile[]): void;
  /** A container began to run, or ended: what really is, whatever the cluster believes. */
  started(host: number, task: string): void;
  ended(host: number, task: string): void;
  /** Its health check succeeds from now on, or fails for good. Of containers that have one. */
  healthy(host: number, task: string): void;
  unhealthy(host: number, task: string): void;
  /** An entry was applied for the first time anywhere. */
  committed(commit: Commit): void;
  /** A client was told the outcome of its command. */
  acknowledged(request: ClientRequest, reply: ClientReply): void;
  /** A node has looked at a message that its sender forged, and let it in or not. */
  forged(host: Host, message: ForgedMessage): void;
}

/** An entry that a node has applied to its store. */
export type Applied = NodeEvent & { kind: "applied" };

/**
 * What can be listened to: what a world tells of, and parts of it for those who need no more, which
 * spares most of them most calls.
 */
export interface Topics extends WorldObserver {
  /** A node that takes part in Raft has taken one input. Told before `stepped`. */
  memberStepped(host: Host, raft: Raft): void;
  /** Its role, term, leader or membership is another than after the step before. Told first. */
  memberTurned(host: Host, raft: Raft): void;
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

/** What `memberTurned` tells changes of. */
interface Stand {
  readonly raft: Raft;
  readonly role: Role;
  readonly term: number;
  readonly leader: string | null;
  readonly membership: Membership;
}

/** Tells several observers, each only what it listens to, in their order. */
export class FanOut implements WorldObserver {
  #taking: Listeners<"taking"> = [];
  #stepped: Listeners<"stepped"> = [];
  #memberStepped: Listeners<"memberStepped"> = [];
  #memberTurned: Listeners<"memberTurned"> = [];
  #atWork: Listeners<"atWork"> = [];
  #leading: Listeners<"leading"> = [];
  #sent: Listeners<"sent"> = [];
  #raftSent: Listeners<"raftSent"> = [];
  #agentSent: Listeners<"agentSent"> = [];
  #dispatcherSent: Listeners<"dispatcherSent"> = [];
  #caRequestSent: Listeners<"caRequestSent"> = [];
  #caAnswerSent: Listeners<"caAnswerSent"> = [];
  #wrote: Listeners<"wrote"> = [];
  #proposed: Listeners<"proposed"> = [];
  #wiped: Listeners<"wiped"> = [];
  #durable: Listeners<"durable"> = [];
  #ending: Listeners<"ending"> = [];
  #crashed: Listeners<"crashed"> = [];
  #recovered: Listeners<"recovered"> = [];
  #refused: Listeners<"refused"> = [];
  #happened: Listeners<"happened"> = [];
  #entryApplied: Listeners<"entryApplied"> = [];
  #created: Listeners<"created"> = [];
  #started: Listeners<"started"> = [];
  #ended: Listeners<"ended"> = [];
  #healthy: Listeners<"healthy"> = [];
  #unhealthy: Listeners<"unhealthy"> = [];
  #committed: Listeners<"committed"> = [];
  #acknowledged: Listeners<"acknowledged"> = [];
  #forged: Listeners<"forged"> = [];
  /** By host number, after its last step. */
  readonly #stands: Stand[] = [];

  /** From now on these are told, and nobody else. */
  listen(observers: readonly PartialObserver[]): void {
    this.#taking = listenersTo<"taking">(observers, ({ taking }) => taking);
    this.#stepped = listenersTo<"stepped">(observers, ({ stepped }) => stepped);
    this.#memberStepped = listenersTo<"memberStepped">(
      observers,
      ({ memberStepped }) => memberStepped,
    );
    this.#memberTurned = listenersTo<"memberTurned">(observers, ({ memberTurned }) => memberTurned);
    this.#atWork = listenersTo<"atWork">(observers, ({ atWork }) => atWork);
    this.#leading = listenersTo<"leading">(observers, ({ leading }) => leading);
    this.#sent = listenersTo<"sent">(observers, ({ sent }) => sent);
    this.#raftSent = listenersTo<"raftSent">(observers, ({ raftSent }) => raftSent);
    this.#agentSent = listenersTo<"agentSent">(observers, ({ agentSent }) => agentSent);
    this.#dispatcherSent = listenersTo<"dispatcherSent">(
      observers,
      ({ dispatcherSent }) => dispatcherSent,
    );
    this.#caRequestSent = listenersTo<"caRequestSent">(
      observers,
      ({ caRequestSent }) => caRequestSent,
    );
    this.#caAnswerSent = listenersTo<"caAnswerSent">(observers, ({ caAnswerSent }) => caAnswerSent);
    this.#wrote = listenersTo<"wrote">(observers, ({ wrote }) => wrote);
    this.#proposed = listenersTo<"proposed">(observers, ({ proposed }) => proposed);
    this.#wiped = listenersTo<"wiped">(observers, ({ wiped }) => wiped);
    this.#durable = listenersTo<"durable">(observers, ({ durable }) => durable);
    this.#ending = listenersTo<"ending">(observers, ({ ending }) => ending);
    this.#crashed = listenersTo<"crashed">(observers, ({ crashed }) => crashed);
    this.#recovered = listenersTo<"recovered">(observers, ({ recovered }) => recovered);
    this.#refused = listenersTo<"refused">(observers, ({ refused }) => refused);
    this.#happened = listenersTo<"happened">(observers, ({ happened }) => happened);
    this.#entryApplied = listenersTo<"entryApplied">(observers, ({ entryApplied }) => entryApplied);
    this.#created = listenersTo<"created">(observers, ({ created }) => created);
    this.#started = listenersTo<"started">(observers, ({ started }) => started);
    this.#ended = listenersTo<"ended">(observers, ({ ended }) => ended);
    this.#healthy = listenersTo<"healthy">(observers, ({ healthy }) => healthy);
    this.#unhealthy = listenersTo<"unhealthy">(observers, ({ unhealthy }) => unhealthy);
    this.#committed = listenersTo<"committed">(observers, ({ committed }) => committed);
    this.#acknowledged = listenersTo<"acknowledged">(observers, ({ acknowledged }) => acknowledged);
    this.#forged = listenersTo<"forged">(observers, ({ forged }) => forged);
  }

  taking(host: Host, input: NodeInput): void {
    for (const { observer, tell } of this.#taking) tell.call(observer, host, input);
  }
  stepped(host: Host): void {
    const { raft } = host;
    if (raft !== null) {
      if (this.#hasTurned(host, raft)) {
        for (const { observer, tell } of this.#memberTurned) tell.call(observer, host, raft);
      }
      for (const { observer, tell } of this.#memberStepped) tell.call(observer, host, raft);
    }
    for (const { observer, tell } of this.#stepped) tell.call(observer, host);
  }
  #hasTurned({ number }: Host, raft: Raft): boolean {
    const { role, term, leader, membership } = raft;
    const before = this.#stands[number];
    if (
      before?.raft === raft &&
      before.role === role &&
      before.term === term &&
      before.leader === leader &&
      before.membership === membership
    ) {
      return false;
    }
    this.#stands[number] = { raft, role, term, leader, membership };
    return true;
  }
  atWork(host: Host): void {
    const member = host.node?.member ?? null;
    if (member !== null && member.raft.role === "leader" && member.isManaging) {
      for (const { observer, tell } of this.#leading) tell.call(observer, host, member);
    }
    for (const { observer, tell } of this.#atWork) tell.call(observer, host);
  }
  sent(host: Host, to: string, message: NodeMessage): void {
    for (const { observer, tell } of this.#sent) tell.call(observer, host, to, message);
    if (message.kind === "raft") {
      for (const { observer, tell } of this.#raftSent) tell.call(observer, host, message.message);
    } else if (message.kind === "agent") {
      for (const { observer, tell } of this.#agentSent) tell.call(observer, host, message.message);
    } else if (message.kind === "dispatcher") {
      for (const { observer, tell } of this.#dispatcherSent) {
        tell.call(observer, host, to, message.message);
      }
    } else if (message.kind === "ca-request") {
      for (const { observer, tell } of this.#caRequestSent) {
        tell.call(observer, host, message.message);
      }
    } else if (message.kind === "ca-answer") {
      for (const { observer, tell } of this.#caAnswerSent) {
        tell.call(observer, host, to, message.message);
      }
    }
  }
  wrote(host: Host, write: StorageWrite): void {
    for (const { observer, tell } of this.#wrote) tell.call(observer, host, write);
    if (write.wipesRaft) {
      for (const { observer, tell } of this.#wiped) tell.call(observer, host, write);
    }
    const { raft } = host;
    if (raft?.role === "leader") this.#tellProposed(host, raft, write);
  }
  /** What it writes again behind a snapshot is nothing new. */
  #tellProposed(host: Host, raft: Raft, write: StorageWrite): void {
    for (const { entries, snapshot } of write.raft) {
      for (const entry of snapshot === null ? entries : []) {
        if (entry.term !== raft.term) continue;
        for (const { observer, tell } of this.#proposed) tell.call(observer, host, entry, raft);
      }
    }
  }
  durable(host: Host, write: StorageWrite): void {
    for (const { observer, tell } of this.#durable) tell.call(observer, host, write);
  }
  ending(host: Host): void {
    for (const { observer, tell } of this.#ending) tell.call(observer, host);
  }
  crashed(host: Host): void {
    for (const { observer, tell } of this.#crashed) tell.call(observer, host);
  }
  recovered(host: Host, found: Durable): void {
    for (const { observer, tell } of this.#recovered) tell.call(observer, host, found);
  }
  refused(host: Host, reason: string): void {
    for (const { observer, tell } of this.#refused) tell.call(observer, host, reason);
  }
  happened(host: Host, event: NodeEvent): void {
    if (event.kind === "applied") {
      for (const { observer, tell } of this.#entryApplied) tell.call(observer, host, event);
    } else if (event.kind !== "task") {
      for (const { observer, tell } of this.#happened) tell.call(observer, host, event);
    }
  }
  created(host: number, task: Task, files: readonly ContainerFile[]): void {
    for (const { observer, tell } of this.#created) tell.call(observer, host, task, files);
  }
  started(host: number, task: string): void {
    for (const { observer, tell } of this.#started) tell.call(observer, host, task);
  }
  ended(host: number, task: string): void {
    for (const { observer, tell } of this.#ended) tell.call(observer, host, task);
  }
  healthy(host: number, task: string): void {
    for (const { observer, tell } of this.#healthy) tell.call(observer, host, task);
  }
  unhealthy(host: number, task: string): void {
    for (const { observer, tell } of this.#unhealthy) tell.call(observer, host, task);
  }
  committed(commit: Commit): void {
    for (const { observer, tell } of this.#committed) tell.call(observer, commit);
  }
  acknowledged(request: ClientRequest, reply: ClientReply): void {
    for (const { observer, tell } of this.#acknowledged) tell.call(observer, request, reply);
  }
  forged(host: Host, message: ForgedMessage): void {
    for (const { observer, tell } of this.#forged) tell.call(observer, host, message);
  }
}

/**
 * `tellOf` names the method: looking it up by a computed name takes several times as long. So does
 * compiling where the topic is left to be found out.
 */
function listenersTo<Topic extends keyof Topics>(
  observers: readonly PartialObserver[],
  tellOf: (observer: PartialObserver) => Topics[Topic] | undefined,
): Listeners<Topic> {
  return found(observers, (observer) => {
    const tell = tellOf(observer);
    return tell === undefined ? null : { observer, tell };
  });
}
