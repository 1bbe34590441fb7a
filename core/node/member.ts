import { assert, unreachable } from "../base/assert.ts";
import type { Chance } from "../base/secrets.ts";
import {
  after,
  type Duration,
  type Instant,
  type Moment,
  never,
  type Timestamp,
} from "../base/time.ts";
import type { Peer } from "../ca/admission.ts";
import type { Authority } from "../ca/authority.ts";
import type { CaAnswer, CaRequest } from "../ca/message.ts";
import { answer } from "../control/answer.ts";
import type { ClientCommand, ClientQuery, Query } from "../control/command.ts";
import { unreadBy } from "../control/control.ts";
import type { AgentMessage } from "../dispatch/message.ts";
import { ClusterClock } from "../manager/cluster-clock.ts";
import type { Origin, ToOrigin } from "../manager/commands.ts";
import { Manager, silence } from "../manager/manager.ts";
import type { Certificate } from "../model/certificate.ts";
import type { StoreEntry } from "../model/change.ts";
import { nodeOfMember, type Standing } from "../model/standing.ts";
import type { RaftInput, RaftOutput } from "../raft/contract.ts";
import type { Entry, MemberId, RaftMessage, Snapshot } from "../raft/message.ts";
import { Raft } from "../raft/raft.ts";
import { Store } from "../store/store.ts";
import { Clients } from "./clients.ts";
import { Compaction } from "./compaction.ts";
import type { NodeConfig } from "./config.ts";
import type { Durable } from "./durable.ts";
import type { ToMember } from "./message.ts";
import type { Outbox } from "./outbox.ts";
import { entryPayload, snapshotPayload, storeEntry, storeSnapshot } from "./payload.ts";
import { raftStart } from "./raft-start.ts";
import { Redirects } from "./redirects.ts";
import { noLeader, unconfirmed } from "./replies.ts";
import type { SnapshotMessage } from "./snapshot-message.ts";
import { Snapshots } from "./snapshots.ts";
import { Ticks } from "./ticks.ts";

/** A manager node's part: Raft, its copy of the store, and, while it leads, the manager. */
export class Member {
  /** Its name in Raft. */
  readonly id: MemberId;
  readonly raft: Raft;
  readonly store: Store;
  readonly #config: NodeConfig;
  readonly #standing: Standing;
  readonly #outbox: Outbox;
  readonly #chance: Chance;
  readonly #clients: Clients;
  readonly #redirects: Redirects;
  readonly #snapshots: Snapshots;
  #manager: Manager | null = null;
  /** Index of the manager's entry that is on its way; 0 when none is. */
  #proposed = 0;
  readonly #ticks: Ticks;
  readonly #compaction: Compaction;
  readonly #clock = new ClusterClock();
  /** The moment of the step under way. */
  #moment: Moment;

  constructor(
    config: NodeConfig,
    standing: Standing,
    durable: Durable,
    { random, secrets }: Chance,
    outbox: Outbox,
    moment: Moment,
  ) {
    assert(standing.memberId !== null, "a member has a name in Raft");
    this.id = standing.memberId;
    this.#config = config;
    this.#standing = standing;
    this.#outbox = outbox;
    const own = random.split("manager");
    this.#chance = { random: own, secrets };
    this.#clients = new Clients(config, outbox, random.split("forwards"));
    this.#moment = moment;
    const { tickInterval } = config.raft;
    const firstTick = after(moment.now, own.below(tickInterval) as Duration);
    this.#ticks = new Ticks(tickInterval, firstTick);
    this.#snapshots = new Snapshots(config, this.id, outbox);
    this.store = new Store(config.planted);
    this.#redirects = new Redirects(outbox, this.store);
    this.#compaction = new Compaction(config);
    if (durable.snapshot !== null) this.#restore(durable.snapshot);
    const start = raftStart(config, standing, durable, this.id);
    this.raft = new Raft({ random: random.split("raft"), ...start });
  }

  get deadline(): Instant {
    const managed = this.#manager?.wakeAt(this.#moment.now) ?? never;
    const { deadline } = this.#snapshots;
    return Math.min(this.#ticks.deadline, this.#clients.deadline, deadline, managed) as Instant;
  }

  /** True while this node leads and has caught up. */
  get isManaging(): boolean {
    return this.#manager !== null;
  }

  begin(moment: Moment): void {
    this.#moment = moment;
    const { reads, electionTicks } = this.#config.raft;
    if (reads !== "lease" || moment.now < this.#ticks.deadline) return;
    // More than two election timeouts tell Raft nothing new.
    this.#ticks.countAll(moment.now, 2 * electionTicks, () => this.#tick());
  }

  /** Takes what another node says to a manager; it may be an agent's or an applicant's. */
  receive(message: ToMember, { id: from, certificate }: Peer): void {
    switch (message.kind) {
      case "raft":
        if (message.message.to !== this.id) return;
        return this.#raftMessage(message.message, message.time);
      case "snapshot":
        if (message.to !== this.id) return;
        return this.#snapshotMessage(message.from, message.message);
      case "agent":
        return this.#agentMessage(from, message.message, certificate);
      case "forward":
        return this.#forwarded({ node: from, token: message.token }, message.request);
      case "forward-reply":
        return this.#clients.forwardReply(message.token, message.reply);
      case "ca-request":
        return this.#caRequest(from, message.message, certificate);
      default:
        return unreachable(message);
    }
  }

  raftInput(input: RaftInput): void {
    for (const output of this.raft.step(input)) this.#carry(output);
  }

  /** What this member sends to that node is lost, and no answer comes to what was sent. */
  unreachable(node: string): void {
    if (node === this.#otherLeader()) this.#clients.expireForwards(never);
    for (const { member } of this.raft.progress()) {
      if (nodeOfMember(member) === node) this.raftInput({ kind: "unreachable", member });
    }
  }

  /** Of another member, who knows the cluster's time, or does not. */
  #raftMessage(message: RaftMessage, time: Timestamp | null): void {
    if (time !== null) this.#clock.told(time, message, this.raft.term, this.#moment.now);
    this.raftInput({ kind: "message", message });
  }

  /** A chunk of a snapshot, which Raft gets once it is whole; or the answer to one. */
  #snapshotMessage(from: MemberId, message: SnapshotMessage): void {
    const whole = this.#snapshots.receive(from, message, this.raft.term);
    if (whole !== null) this.raftInput({ kind: "message", message: whole });
  }

  /** `shown` is the certificate of the connection. */
  #agentMessage(from: string, message: AgentMessage, shown: Certificate | null): void {
    if (this.#manager !== null) {
      if (shown !== null) this.#manager.seen(shown);
      return this.#manager.receive(from, message, this.#moment.now);
    }
    this.#redirects.answer(from, message, this.#otherLeader());
  }

  /** A client of this node wants to read: any manager can answer, from its own store. */
  query(token: number, { query, consistency }: ClientQuery): void {
    const isOwn = query.kind === "get-raft" || (this.#config.planted === "L01" && this.isManaging);
    if (consistency === "stale" || isOwn) return this.#answer(token, query, []);
    const { now } = this.#moment;
    const readContext = this.#clients.read(token, query, this.#otherLeader(), now);
    if (readContext !== null) this.raftInput({ kind: "read", readContext });
  }

  /** A client of this node wants something done: only the leader can. */
  command(token: number, request: ClientCommand): void {
    if (this.#manager !== null) {
      return this.#manager.request({ node: this.#config.id, token }, request);
    }
    const { calendar: now } = this.#moment;
    const { description, planted } = this.#config;
    const context = { view: this.store, now, ...this.#chance, planted };
    const leader = this.#otherLeader();
    const rejection = unreadBy(leader, description.level, context, this.raft, request);
    if (rejection === null) this.#clients.forward(token, request, leader, this.#moment.now);
    else this.#outbox.refuse(token, rejection);
  }

  /** A command that another manager has handed on. */
  #forwarded(origin: Origin, request: ClientCommand): void {
    if (this.#manager !== null) this.#manager.request(origin, request);
    else this.#reply({ origin, reply: noLeader(this.#otherLeader()) });
  }

  /** Any manager tells its root; only the leader issues certificates. */
  #caRequest(from: string, request: CaRequest, shown: Certificate | null): void {
    const ca = this.store.cluster?.ca ?? null;
    if (request.kind === "root-request") {
      if (ca === null) return;
      const { certificate, digest } = ca.root;
      return this.#answerCa(from, { kind: "root", root: { certificate, digest } });
    }
    if (this.#manager !== null) return this.#manager.authority().request(from, request, shown);
    const { attempt } = request;
    this.#answerCa(from, { kind: "ask-leader", attempt, leader: this.#otherLeader() });
  }

  /** For what it is to be told. */
  authority(): Authority | null {
    return this.#manager?.authority() ?? null;
  }

  /** Everything that follows from what has reached the member in this step. */
  finish(): void {
    const { now } = this.#moment;
    if (now >= this.#ticks.deadline) this.#ticks.count(now, () => this.#tick());
    this.#snapshots.prepare(now);
    this.#clients.expireForwards(now);
    if (this.#manager !== null) this.#finishManager(this.#manager, now);
    this.#finishReads(now);
    this.#redirects.follow(this.isManaging ? this.#config.id : this.#otherLeader());
  }

  #finishManager(manager: Manager, now: Instant): void {
    const output = manager.output(now, this.#moment.calendar);
    for (const { to, message } of manager.takeToAgents()) {
      this.#outbox.send(to, { kind: "dispatcher", message });
    }
    if (output === silence) return;
    const { replies, confirm, propose, ask, outside, sign, toApplicants } = output;
    for (const reply of replies) this.#reply(reply);
    if (propose !== null) this.#propose(propose);
    if (ask !== null) this.raftInput(ask);
    this.#outbox.outside(outside);
    for (const request of sign) this.#outbox.sign(request);
    for (const { to, message } of toApplicants) this.#answerCa(to, message);
    if (!confirm) return;
    // A read tells whether a quorum still follows; its answer is of no other use here.
    this.raftInput({ kind: "read", readContext: this.#clients.openProbe(now) });
    if (this.#manager === manager) this.#finishManager(manager, now);
  }

  #answerCa(to: string, message: CaAnswer): void {
    this.#outbox.send(to, { kind: "ca-answer", message });
  }

  #finishReads(now: Instant): void {
    for (const { token, query, heard } of this.#clients.takeReads(this.store.index)) {
      this.#answer(token, query, heard);
    }
    if (now >= this.#clients.deadline) this.#clients.expireReads(this.#otherLeader(), now);
  }

  /** `heard`: whom the leader hears, if it is another and has told. */
  #answer(token: number, query: Query, heard: readonly MemberId[]): void {
    const { raft, isManaging } = this;
    const objects = answer(this.store, query, { raft, isManaging, heard });
    this.#outbox.reply(token, { kind: "result", objects });
  }

  #tick(): void {
    this.raftInput({ kind: "tick" });
    for (const member of this.#snapshots.tick()) {
      this.raftInput({ kind: "snapshot-failed", member });
    }
  }

  #propose(entry: StoreEntry): void {
    const payload = (this.#config.entryPayload ?? entryPayload)(entry);
    for (const output of this.raft.step({ kind: "propose", payload })) {
      if (output.kind === "proposed") this.#proposed = output.index;
      else if (output.kind === "refused") this.#manager?.refused(entry);
      else this.#carry(output);
    }
  }

  #carry(output: RaftOutput): void {
    switch (output.kind) {
      case "write":
        return this.#outbox.writeRaft(output.write);
      case "send":
        return this.#send(output.message);
      case "apply":
        for (const entry of output.entries) this.#apply(entry);
        return this.#compact();
      case "restore":
        return this.#restore(output.snapshot);
      case "role":
        this.#outbox.event(output);
        this.#clients.expireForwards(never);
        return this.#followRole();
      case "lost-entries":
        return this.#outbox.event(output);
      case "read-ready":
        return this.#readReady(output);
      case "read-failed":
        return this.#readFailed(output.readContext);
      case "membership":
        return this.#manager?.membershipChanged(this.#moment.now);
      case "proposed":
      case "refused":
        return;
      default:
        return unreachable(output);
    }
  }

  #send(message: RaftMessage): void {
    if (message.kind === "snapshot") return this.#snapshots.send(message, this.#moment.now);
    const isMute = this.#config.planted === "O18";
    const time = isMute ? null : this.#clock.shown(this.#moment.now);
    this.#outbox.send(nodeOfMember(message.to), { kind: "raft", message, time });
  }

  #readReady({ readContext, index, heard }: RaftOutput & { readonly kind: "read-ready" }): void {
    const askedAt = this.#clients.confirm(readContext, index, heard);
    if (askedAt !== null) this.#manager?.confirmed(askedAt, this.#moment.now);
  }

  #readFailed(readContext: number): void {
    const isLed = this.raft.leader !== null;
    const reply = isLed ? unconfirmed(this.#otherLeader()) : noLeader(null);
    this.#clients.readFailed(readContext, reply);
  }

  #apply(raftEntry: Entry): void {
    const { index, term } = raftEntry;
    const entry = storeEntry(raftEntry);
    const applied = this.store.apply(entry, index);
    this.#outbox.event({ kind: "applied", index, entry, applied });
    const isOwn = index === this.#proposed;
    if (isOwn) this.#proposed = 0;
    this.#manager?.applied(applied, isOwn, this.#moment.now);
    if (term === this.raft.term && this.raft.role === "leader") this.#startManager(term);
  }

  /** A leader has caught up when it has applied an entry of its own term. */
  #startManager(term: number): void {
    if (this.#manager !== null) return;
    const { cluster, overlays, description, planted, probe = null, sizeOf } = this.#config;
    const { electionTicks, tickInterval } = this.#config.raft;
    const electionTimeout = (electionTicks * tickInterval) as Duration;
    const { incarnation, founders } = this.#standing;
    const founding = { incarnation, founders, level: description.level, cluster, overlays };
    const timing = { tickInterval, electionTimeout };
    const host = { ...this.#chance, planted, probe, sizeOf };
    const config = { term, raft: this.raft, ...timing, ...founding, ...host };
    this.#manager = new Manager(this.store, config, this.#clock, this.#moment);
    this.#outbox.event({ kind: "manager-started", term });
  }

  /** The node takes part no more: whoever waits may ask another manager. */
  stop(): void {
    if (this.#manager !== null) this.#stopManager(this.#manager);
    this.#clients.stop();
  }

  #followRole(): void {
    if (this.raft.role === "leader") return;
    this.#snapshots.stop();
    if (this.#manager === null || this.#config.planted === "O01") return;
    this.#redirects.deposed(this.#manager.agents);
    this.#stopManager(this.#manager);
  }

  #stopManager(manager: Manager): void {
    for (const reply of manager.stop()) this.#reply(reply);
    this.#manager = null;
    this.#proposed = 0;
    this.#outbox.event({ kind: "manager-stopped", term: this.raft.term });
  }

  #reply({ origin, reply }: ToOrigin): void {
    if (origin.node === this.#config.id) this.#outbox.reply(origin.token, reply);
    else this.#outbox.send(origin.node, { kind: "forward-reply", token: origin.token, reply });
  }

  #restore(snapshot: Snapshot): void {
    const store = storeSnapshot(snapshot.payload);
    this.store.restore(store);
    this.#compaction.taken(snapshot.index);
    this.#outbox.event({ kind: "restored", snapshot: store });
  }

  #compact(): void {
    const keepFrom = this.#compaction.due(this.store);
    if (keepFrom === null) return;
    const payload = snapshotPayload(this.store.snapshot());
    this.raftInput({ kind: "compact", index: this.store.index, keepFrom, payload });
  }

  #otherLeader(): string | null {
    const { leader } = this.raft;
    return leader === null || leader === this.id ? null : nodeOfMember(leader);
  }
}
