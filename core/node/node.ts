import { Agent } from "../agent/agent.ts";
import { nothing } from "../agent/output.ts";
import { unreachable } from "../base/assert.ts";
import type { Probe } from "../base/probe.ts";
import { Random } from "../base/random.ts";
import { type Chance, Secrets } from "../base/secrets.ts";
import { after, boot, type Instant, type Moment, never, seconds } from "../base/time.ts";
import { type Peer, type Receiver, type Refusal, speaksAsManager } from "../ca/admission.ts";
import { Identity, noRequests } from "../ca/identity.ts";
import type { SignerAnswer } from "../ca/signer-request.ts";
import type { ClientRequest } from "../control/command.ts";
import type { DispatcherMessage } from "../dispatch/message.ts";
import type { Standing } from "../model/standing.ts";
import type { Snapshot } from "../raft/message.ts";
import type { NodeConfig } from "./config.ts";
import { type Durable, nothingDurable } from "./durable.ts";
import {
  asksToForce,
  beginForce,
  type ForceNewCluster,
  forcedLog,
  nextIncarnation,
  nothingToForce,
  nothingToGoOnWith,
} from "./force-new-cluster.ts";
import { founderToken, foundingIn } from "./founding.ts";
import type { NodeInput, NodeOutput } from "./input.ts";
import { KnownPeers } from "./known-peers.ts";
import { Member } from "./member.ts";
import type { NodeMessage, OfIncarnation, ToMember } from "./message.ts";
import { Outbox } from "./outbox.ts";
import { notManager, notYetManager } from "./replies.ts";
import { firstStanding, obeyed, superseded } from "./standing.ts";
import { isHint, trafficOf } from "./traffic.ts";
import { WritesUnderWay } from "./writes-under-way.ts";

const makeSureEvery = seconds(1);
const noFounders: readonly string[] = [];

/**
 * One node of the cluster as one machine: an agent, and on managers a Raft member besides.
 *
 * The same inputs at the same moments give the same outputs. All outputs may be carried out at
 * once, in their order: what must wait for the disk is held back inside.
 */
export class Node {
  readonly id: string;
  readonly agent: Agent;
  readonly identity: Identity;
  readonly #config: NodeConfig;
  readonly #chance: Chance;
  readonly #knownPeers = new KnownPeers();
  readonly #outbox = new Outbox();
  #standing: Standing;
  readonly #founding: readonly string[];
  /** The same where the node is one of them, else none. */
  #founders = noFounders;
  #member: Member | null = null;
  /** Not null while this manager asks whether it may go on alone. */
  #forcing: { readonly start: ForceNewCluster; readonly durable: Durable } | null = null;
  /** Not before then are others asked again whether there is a newer incarnation. */
  #makeSureAt = boot;
  readonly #writes = new WritesUnderWay();

  constructor(config: NodeConfig, boot: NodeInput & { kind: "boot" }, moment: Moment) {
    const random = new Random(boot.seed, config.tap);
    const { id, managers: contacts, description, planted, probe = null } = config;
    const { durable, containers } = boot;
    this.id = id;
    this.#config = config;
    this.#chance = { random, secrets: new Secrets(boot.secretSeed) };
    this.#standing = durable.standing ?? firstStanding(config);
    this.#founding = foundingIn(durable, this.#standing.founders);
    if (this.#isFounder()) this.#founders = this.#founding;
    this.#outbox.incarnation = this.#standing.incarnation;
    const isForced = asksToForce(config, this.#standing);
    if (isForced) {
      this.#forcing = { start: beginForce(config, this.#standing, durable, moment.now), durable };
    } else this.#takePart(durable, moment);
    if (config.forceNewCluster && !isForced) this.#outbox.event(nothingToForce);
    const { managers } = this.#standing;
    const life = boot.seed[0] >>> 2;
    const session = { managers, contacts, description, life, random: random.split("agent") };
    this.agent = new Agent({ planted, probe, ...session }, durable.tasks, containers, moment.now);
    const said = { description, availability: config.availability ?? "active" };
    const asked = { managers, contacts, askFirst: this.#isFounder() ? id : null };
    const applicant = { planted, random: random.split("ca"), ...asked, ...said };
    this.identity = new Identity(applicant, boot.identity, moment.now, moment.calendar);
    const token = founderToken(durable, this.#standing.founders, id);
    if (token !== null) this.identity.join(token);
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
    const part = this.member?.deadline ?? this.#forcing?.start.deadline ?? never;
    return Math.min(part, this.agent.deadline, this.identity.deadline) as Instant;
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
      case "unreachable":
        this.member?.unreachable(input.node);
        this.agent.unreachable(input.node, moment.now);
        break;
      case "written":
        this.#written(input.number, moment.now);
        break;
      case "executor":
        this.agent.executed(input.event, moment.now);
        break;
      case "signed":
        this.#signed(input.answer, moment);
        break;
      case "external":
        this.member?.authority()?.external.answered(input.answer, moment.calendar);
        break;
      case "join":
        this.identity.join(input.token);
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
    if (this.#forcing !== null) this.#outbox.reply(token, notYetManager());
    else if (this.#member === null) this.#outbox.reply(token, notManager(this.agent.leader));
    else if (request.kind === "query") this.#member.query(token, request);
    else this.#member.command(token, request);
  }

  /** Nothing is looked at before it is clear that the sender may say such a thing. */
  #receive(message: NodeMessage, peer: Peer, moment: Moment): void {
    const receiver = this.receiverFor(peer, moment);
    const traffic = trafficOf(message, this.#standing.incarnation);
    const refused = this.#knownPeers.refusal(traffic, peer, receiver);
    if (refused !== null) return this.#deny(message, peer, refused);
    if (this.#meet(message, peer, receiver, moment)) this.#take(message, peer, moment);
  }

  /** A node that was removed is told so, as it is to stop what it runs. */
  #deny(message: NodeMessage, { id }: Peer, { reason, isFinal }: Refusal): void {
    this.#outbox.event({ kind: "denied", from: id, reason });
    if (!isFinal || message.kind !== "agent" || message.message.kind !== "register") return;
    const { attempt } = message.message;
    const answer = { kind: "registration-refused", attempt, reason } as const;
    this.#outbox.send(id, { kind: "dispatcher", message: answer });
  }

  /** What this node knows of a peer that wants something of it. */
  receiverFor({ id }: Pick<Peer, "id">, { calendar }: Moment): Receiver {
    const store = this.member?.store;
    return {
      self: this.id,
      calendar,
      trusted: this.identity.trusted,
      founders: this.#founders,
      cluster: store?.cluster ?? null,
      stored: store?.nodes.get(id),
      planted: this.#config.planted,
    };
  }

  /** It founds the cluster, or did. */
  #isFounder(): boolean {
    const { memberId, founders } = this.#standing;
    return memberId !== null && founders.includes(memberId);
  }

  #take(message: OfIncarnation, { id: from, certificate }: Peer, moment: Moment): void {
    if (message.kind === "dispatcher") {
      if (this.#config.probe) checkAssignments(this.#config.probe, this.id, message.message);
      this.agent.receive(from, message.message, moment.now);
      return this.#takeSessionNode(moment);
    }
    if (message.kind === "ca-answer") return this.identity.receive(from, message.message);
    if (message.kind === "are-you-there") return this.#sayWhetherThere(from);
    if (message.kind === "here-i-am") return this.#forcing?.start.heard(from);
    if (this.#member === null) this.#redirect(from, message);
    else this.#member.receive(message, { id: from, certificate });
  }

  /** Follows what the leader has said of this node. */
  #takeSessionNode(moment: Moment): void {
    const said = this.agent.takeSessionNode();
    if (said === null) return;
    const { security, standing } = said;
    if (security !== null) this.identity.told(security, standing?.managers ?? null);
    const order = standing === null ? null : obeyed(this.#standing, standing);
    if (order !== null) this.#stand(order, moment);
  }

  /**
   * Words of an older incarnation are not for this node: the sender is told, unless it is in none
   * yet, and learns by the answer which there is. Those of a newer one end this node's part in the
   * older, if a manager says them; of others' words it makes sure, but for where to join, which
   * anybody may know. False: the message is not to be taken.
   */
  #meet(
    message: NodeMessage,
    peer: Peer,
    receiver: Receiver,
    moment: Moment,
  ): message is OfIncarnation {
    const { incarnation, managers } = this.#standing;
    const { id: from } = peer;
    if (message.incarnation < incarnation) {
      if (message.kind === "ca-request" && peer.certificate === null) return true;
      if (message.kind !== "superseded") this.#outbox.send(from, { kind: "superseded", managers });
      return false;
    }
    if (message.incarnation === incarnation) return message.kind !== "superseded";
    const known = message.kind === "superseded" ? message.managers : [from];
    if (this.#forcing !== null && this.#config.isRestored) {
      // What a backup is made to go back behind does not end it; those who are there still count.
      if (known.includes(from)) this.#forcing.start.heard(from);
      return false;
    }
    const isJoining = this.identity.certificate === null;
    if (isJoining && message.kind === "ca-answer" && isHint(message.message)) return true;
    if (!speaksAsManager(peer, receiver)) this.#makeSure(known, moment);
    else {
      this.#config.probe?.reachable("older-incarnation-ended");
      this.#stand(superseded(this.#standing, message.incarnation, known), moment);
      this.agent.restart(known, moment.now);
      this.identity.restart(known);
    }
    return false;
  }

  /** Asks those whose word counts; whoever knows better than this node answers that it does. */
  #makeSure(nodes: readonly string[], { now }: Moment): void {
    if (now < this.#makeSureAt) return;
    this.#makeSureAt = after(now, makeSureEvery);
    for (const node of nodes) this.#outbox.send(node, { kind: "are-you-there" });
  }

  /** The node's place is another from now on, on its disk too. */
  #stand(standing: Standing, moment: Moment): void {
    const isOther = standing.memberId !== this.#standing.memberId;
    this.#standing = standing;
    this.#founders = this.#isFounder() ? this.#founding : noFounders;
    this.#outbox.incarnation = standing.incarnation;
    this.#outbox.writeStanding(standing, isOther);
    if (!isOther) return;
    this.#forcing = null;
    this.#member?.stop();
    this.#writes.forgetRaft();
    this.#outbox.event({ kind: "standing", standing });
    this.#takePart(nothingDurable, moment);
  }

  #takePart(durable: Durable, moment: Moment): void {
    this.#member = null;
    if (this.#standing.memberId === null) return;
    const chance = { ...this.#chance, random: this.#chance.random.split("member") };
    const [config, standing] = [this.#config, this.#standing];
    this.#member = new Member(config, standing, durable, chance, this.#outbox, moment);
  }

  /** Somebody takes this node for a manager: this node's own leader knows better. */
  #redirect(from: string, asked: ToMember): void {
    const { leader } = this.agent;
    if (asked.kind === "agent") {
      const attempt = asked.message.kind === "register" ? asked.message.attempt : null;
      const message = { kind: "not-leader", attempt, leader } as const;
      this.#outbox.send(from, { kind: "dispatcher", message });
    } else if (asked.kind === "ca-request") {
      for (const message of this.identity.guide(asked.message, leader)) {
        this.#outbox.send(from, { kind: "ca-answer", message });
      }
    }
  }

  #signed(answer: SignerAnswer, { now }: Moment): void {
    this.member?.authority()?.signed(answer, now);
    if (!this.identity.signed(answer)) return;
    this.agent.reconnect(this.identity.leaders, now);
    const { certificate } = this.identity;
    if (certificate !== null) this.#outbox.event({ kind: "certified", certificate });
  }

  #written(number: number, now: Instant): void {
    this.#writes.takeSafe(number, ({ raft, tasks }) => {
      if (raft !== null) this.member?.raftInput({ kind: "written", id: raft });
      this.agent.written(tasks, now);
    });
  }

  /** One that asks the same is there too: two that are a quorum together do not both go alone. */
  #sayWhetherThere(from: string): void {
    if (this.#standing.memberId !== null) this.#outbox.send(from, { kind: "here-i-am" });
  }

  #decideAlone(moment: Moment): void {
    if (this.#forcing === null) return;
    const { start, durable } = this.#forcing;
    for (const node of start.ask(moment.now)) this.#outbox.send(node, { kind: "are-you-there" });
    const areLost = this.#config.planted === "M05" ? true : start.areLost(moment.now);
    if (areLost === null) return;
    this.#forcing = null;
    if (areLost) return this.#goAlone(durable, moment);
    this.#config.probe?.reachable("force-new-cluster-refused");
    this.#outbox.event({ kind: "force-refused", reason: start.refusal });
    this.#takePart(durable, moment);
  }

  #goAlone(durable: Durable, moment: Moment): void {
    const random = this.#chance.random.split("incarnation");
    const restoredAt = this.#config.isRestored ? moment.calendar : null;
    const incarnation = nextIncarnation(
      this.#standing.incarnation,
      (most) => random.below(most),
      restoredAt,
    );
    const standing = { ...this.#standing, incarnation, version: 0, managers: [this.id] };
    const log = forcedLog(durable, standing, this.id);
    if (log === null) {
      this.#outbox.event(nothingToGoOnWith);
      return this.#takePart(durable, moment);
    }
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
    this.#finishIdentity();
    this.#finishAgent(moment);
    this.#write();
    return this.#outbox.take();
  }

  /** A founder finds the token in its own store. */
  #finishIdentity(): void {
    const { identity } = this;
    if (identity.certificate === null) {
      const ca = this.member?.store.cluster?.ca ?? null;
      if (ca?.founding.includes(this.id)) identity.join(ca.joinTokens.manager);
    }
    const output = identity.output();
    if (output === noRequests) return;
    const { toManagers, sign, refusal: reason } = output;
    if (reason !== null) this.#outbox.event({ kind: "certificate-refused", reason });
    if (identity.isOut && this.#config.planted !== "K19") this.agent.leave();
    for (const { to, message } of toManagers) {
      this.#outbox.send(to, { kind: "ca-request", message });
    }
    for (const request of sign) this.#outbox.sign(request);
  }

  #finishAgent(moment: Moment): void {
    const output = this.agent.output(moment.now);
    if (output === nothing) return;
    this.#outbox.agent(output, this.identity.certificate !== null);
  }

  #write(): void {
    const parts = this.#outbox.takeWrites();
    if (parts === null) return;
    const write = this.#writes.begin(parts);
    this.#outbox.outputs = [{ kind: "write", write }, ...this.#outbox.outputs];
  }
}

/** Sees to it that a node is given tasks of its own only. */
function checkAssignments(probe: Probe, node: string, message: DispatcherMessage): void {
  if (message.kind !== "assignments") return;
  for (const { nodeId } of message.tasks) probe.always(nodeId === node, "tasks-are-of-this-node");
}
