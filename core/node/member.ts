import { assert, unreachable } from "../base/assert.ts";
import type { Chance } from "../base/secrets.ts";
import { after, type Duration, type Instant, never, type Timestamp } from "../base/time.ts";
import type { Authority } from "../ca/authority.ts";
import type { CaAnswer, CaRequest } from "../ca/message.ts";
import { answer } from "../control/answer.ts";
import type { ClientCommand, ClientQuery, ClientReply, Query } from "../control/command.ts";
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
import { Compaction } from "./compaction.ts";
import type { NodeConfig } from "./config.ts";
import type { Durable } from "./durable.ts";
import { Forwards, noLeader, unconfirmed } from "./forwards.ts";
import type { Moment } from "./input.ts";
import type { Outbox } from "./outbox.ts";
import { entryPayload, snapshotPayload, storeEntry, storeSnapshot } from "./payload.ts";
import { raftStart } from "./raft-start.ts";
import { Reads } from "./reads.ts";
import { Seekers } from "./seekers.ts";
import { snapshotsByReference } from "./snapshot-codec.ts";
import type { SnapshotMessage } from "./snapshot-message.ts";
import { SnapshotReceiver, SnapshotSender } from "./snapshot-transfer.ts";

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
  readonly #forwards: Forwards;
  readonly #reads = new Reads();
  readonly #seekers: Seekers;
  readonly #sender: SnapshotSender;
  readonly #receiver: SnapshotReceiver;
  #manager: Manager | null = null;
  /** Index of the manager's entry that is on its way; 0 when none is. */
  #proposed = 0;
  #tickAt: Instant;
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
    this.#forwards = new Forwards(random.split("forwards"));
    this.#moment = moment;
    this.#tickAt = after(moment.now, own.below(config.raft.tickInterval) as Duration);
    const { raft, probe, snapshotCodec = snapshotsByReference } = config;
    const chunkBytes = probe?.buggify("tiny-chunks") ? 512 : raft.snapshotChunkBytes;
    this.#sender = new SnapshotSender(snapshotCodec, chunkBytes, 2 * raft.electionTicks);
    this.#receiver = new SnapshotReceiver(snapshotCodec);
    this.store = new Store(config.planted);
    this.#seekers = new Seekers(outbox, this.store);
    this.#compaction = new Compaction(config);
    if (durable.snapshot !== null) this.#restore(durable.snapshot);
    const start = raftStart(config, standing, durable, this.id);
    this.raft = new Raft({ random: random.split("raft"), ...start });
  }

  get deadline(): Instant {
    const managed = this.#manager?.wakeAt(this.#moment.now) ?? never;
    const waiting = Math.min(this.#forwards.deadline, this.#reads.deadline);
    return Math.min(this.#tickAt, waiting, managed) as Instant;
  }

  /** True while this node leads and has caught up. */
  get isManaging(): boolean {
    return this.#manager !== null;
  }

  begin(moment: Moment): void {
    this.#moment = moment;
    if (this.#config.raft.reads === "lease") this.#catchUp(moment.now);
  }

  raftInput(input: RaftInput): void {
    for (const output of this.raft.step(input)) this.#carry(output);
  }

  /** Of another member, who knows the cluster's time, or does not. */
  raftMessage(message: RaftMessage, time: Timestamp | null): void {
    if (time !== null) this.#clock.told(time, message, this.raft.term, this.#moment.now);
    this.raftInput({ kind: "message", message });
  }

  /** A chunk of a snapshot, which Raft gets once it is whole; or the answer to one. */
  snapshotMessage(from: MemberId, message: SnapshotMessage): void {
    if (message.kind === "ack") {
      return this.#sendSnapshot(from, this.#sender.acknowledged(from, message));
    }
    if (message.term < this.raft.term) return;
    const { answer, snapshot } = this.#receiver.receive(from, message);
    this.#sendSnapshot(from, answer);
    if (snapshot === null) return;
    const whole = { kind: "snapshot", from, to: this.id, snapshot } as const;
    this.raftInput({ kind: "message", message: { ...whole, term: message.term } });
  }

  /** `shown` is the certificate of the connection. */
  agentMessage(from: string, message: AgentMessage, shown: Certificate | null): void {
    if (this.#manager !== null) {
      if (shown !== null) this.#manager.authority().seen(shown);
      return this.#manager.receive(from, message, this.#moment.now);
    }
    this.#seekers.answer(from, message, this.#otherLeader());
  }

  /** A client of this node wants to read: any manager can answer, from its own store. */
  query(token: number, { query, consistency }: ClientQuery): void {
    const isOwn = query.kind === "get-raft" || (this.#config.planted === "L01" && this.isManaging);
    if (consistency === "stale" || isOwn) return this.#answer(token, query);
    const isBusy = this.#config.probe?.buggify("busy-reader") === true;
    const readContext = isBusy ? null : this.#reads.open(token, query, this.#moment.now);
    if (readContext === null) this.#outbox.reply(token, unconfirmed(this.#otherLeader()));
    else this.raftInput({ kind: "read", readContext });
  }

  /** A client of this node wants something done: only the leader can. */
  command(token: number, request: ClientCommand): void {
    if (this.#manager !== null) {
      return this.#manager.request({ node: this.#config.id, token }, request);
    }
    const leader = this.#otherLeader();
    const isBusy = leader === null || this.#config.probe?.buggify("busy-forwarder") === true;
    const forwarded = isBusy ? null : this.#forwards.open(token, this.#moment.now);
    if (leader === null || forwarded === null) return this.#outbox.reply(token, noLeader(null));
    this.#outbox.send(leader, { kind: "forward", token: forwarded, request });
  }

  /** A command that another manager has handed on. */
  forwarded(origin: Origin, request: ClientCommand): void {
    if (this.#manager !== null) this.#manager.request(origin, request);
    else this.#reply({ origin, reply: noLeader(this.#otherLeader()) });
  }

  forwardReply(token: number, reply: ClientReply): void {
    const clientToken = this.#forwards.close(token);
    if (clientToken !== null) this.#outbox.reply(clientToken, reply);
  }

  /** Any manager tells its root; only the leader issues certificates. */
  caRequest(from: string, request: CaRequest, shown: Certificate | null): void {
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
    if (now >= this.#tickAt) this.#tick(now);
    if (now >= this.#forwards.deadline) this.#expireForwards(now);
    if (this.#manager !== null) this.#finishManager(this.#manager, now);
    this.#finishReads(now);
    this.#seekers.follow(this.isManaging ? this.#config.id : this.#otherLeader());
  }

  #expireForwards(now: Instant): void {
    for (const token of this.#forwards.expire(now)) this.#outbox.reply(token, noLeader(null));
  }

  #finishManager(manager: Manager, now: Instant): void {
    const output = manager.output(now, this.#moment.calendar);
    if (output === silence) return;
    const { toAgents, replies, confirm, propose, ask, outside, sign, toApplicants } = output;
    for (const { to, message } of toAgents) this.#outbox.send(to, { kind: "dispatcher", message });
    for (const reply of replies) this.#reply(reply);
    if (propose !== null) this.#propose(propose);
    if (ask !== null) this.raftInput(ask);
    if (confirm) this.#confirm();
    this.#outbox.outside(outside);
    for (const request of sign) this.#outbox.sign(request);
    for (const { to, message } of toApplicants) this.#answerCa(to, message);
  }

  #answerCa(to: string, message: CaAnswer): void {
    this.#outbox.send(to, { kind: "ca-answer", message });
  }

  #finishReads(now: Instant): void {
    if (this.#reads.isEmpty) return;
    for (const { token, query } of this.#reads.takeReady(this.store.index)) {
      this.#answer(token, query);
    }
    for (const { token } of this.#reads.takeExpired(now)) {
      this.#outbox.reply(token, unconfirmed(this.#otherLeader()));
    }
  }

  #answer(token: number, query: Query): void {
    this.#outbox.reply(token, { kind: "result", objects: answer(this.store, query, this) });
  }

  /** Ticks missed in a pause are not made up for: others' silence during it proves nothing. */
  #tick(now: Instant): void {
    this.#countTick();
    if (this.#tickAt <= now) this.#tickAt = after(now, this.#config.raft.tickInterval);
  }

  /**
   * Leases are counted in ticks: none may be missing when anything else happens, a pause or not.
   * More than two election timeouts tell Raft nothing new.
   */
  #catchUp(now: Instant): void {
    let left = 2 * this.#config.raft.electionTicks;
    for (; left > 0 && this.#tickAt <= now; left -= 1) this.#countTick();
  }

  #countTick(): void {
    this.#tickAt = after(this.#tickAt, this.#config.raft.tickInterval);
    this.raftInput({ kind: "tick" });
    this.#tickSnapshots();
  }

  #tickSnapshots(): void {
    if (this.#sender.size === 0) return;
    const { again, failed } = this.#sender.tick();
    for (const [to, message] of again) this.#sendSnapshot(to, message);
    for (const member of failed) this.raftInput({ kind: "snapshot-failed", member });
  }

  #sendSnapshot(to: MemberId, message: SnapshotMessage | null): void {
    if (message === null) return;
    this.#outbox.send(nodeOfMember(to), { kind: "snapshot", from: this.id, to, message });
  }

  /** A read tells whether a quorum still follows; its answer is of no other use here. */
  #confirm(): void {
    this.raftInput({ kind: "read", readContext: this.#reads.openProbe() });
  }

  #propose(entry: StoreEntry): void {
    const payload = entryPayload(entry, this.#config.sizeOf);
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
        this.#expireForwards(never);
        return this.#stopManager();
      case "read-ready":
        if (this.#reads.confirm(output.readContext, output.index)) {
          this.#manager?.confirmed(this.#moment.now);
        }
        return;
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
    const { kind, to } = message;
    if (kind === "snapshot") return this.#sendSnapshot(to, this.#sender.begin(message));
    const isMute = this.#config.planted === "O18";
    const time = isMute ? null : this.#clock.shown(this.#moment.now);
    this.#outbox.send(nodeOfMember(to), { kind: "raft", message, time });
  }

  #readFailed(readContext: number): void {
    const token = this.#reads.fail(readContext);
    if (token === null) return;
    const { leader } = this.raft;
    this.#outbox.reply(token, leader === null ? noLeader(null) : unconfirmed(this.#otherLeader()));
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
    const config = {
      term,
      ...{ raft: this.raft, tickInterval, electionTimeout, incarnation, founders },
      ...{ level: description.level, cluster, overlays, planted, probe, sizeOf, ...this.#chance },
    };
    this.#manager = new Manager(this.store, config, this.#clock, this.#moment);
    this.#outbox.event({ kind: "manager-started", term });
  }

  /** The node takes part no more: whoever waits may ask another manager. */
  stop(): void {
    if (this.#manager !== null) {
      for (const reply of this.#manager.stop()) this.#reply(reply);
      this.#manager = null;
      this.#outbox.event({ kind: "manager-stopped", term: this.raft.term });
    }
    this.#expireForwards(never);
    for (const { token } of this.#reads.takeExpired(never)) {
      this.#outbox.reply(token, unconfirmed(null));
    }
  }

  #stopManager(): void {
    if (this.raft.role !== "leader") this.#sender.stop();
    if (this.#manager === null || this.raft.role === "leader") return;
    if (this.#config.planted === "O01") return;
    for (const reply of this.#manager.stop()) this.#reply(reply);
    this.#seekers.deposed(this.#manager.agents);
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
