import { sortedText } from "../../../core/base/order.ts";
import { noBug, type Planted } from "../../../core/base/planted.ts";
import { Random } from "../../../core/base/random.ts";
import type { RaftConfig, RaftInput, RaftOutput, RaftWrite } from "../../../core/raft/contract.ts";
import { raftDefaults } from "../../../core/raft/defaults.ts";
import { simpleMembership } from "../../../core/raft/membership.ts";
import type {
  Entry,
  HardState,
  MemberId,
  Membership,
  Payload,
  RaftMessage,
  Snapshot,
} from "../../../core/raft/message.ts";
import { Raft } from "../../../core/raft/raft.ts";

/** What one member's disk holds. */
export interface Disk {
  hardState: HardState;
  snapshot: Snapshot | null;
  entries: Entry[];
}

/** One member: the machine, its disk, the writes on their way to it, and what was applied. */
export interface Host {
  readonly id: MemberId;
  /** Null while crashed. */
  raft: Raft | null;
  readonly disk: Disk;
  pendingWrites: RaftWrite[];
  /** Of this life. */
  applied: Entry[];
  restoredAt: number;
  membership: Membership;
  lives: number;
  readonly events: RaftOutput[];
}

export interface ClusterOptions {
  readonly seed?: number;
  readonly voters: readonly MemberId[];
  readonly learners?: readonly MemberId[];
  /** Members that exist but are not in the bootstrap membership. */
  readonly spares?: readonly MemberId[];
  readonly config?: Partial<RaftConfig>;
  readonly planted?: Planted;
  /** Writes are acknowledged in the same step; else by `flush`. */
  readonly instantDisk?: boolean;
}

/** A payload with a number that a test can tell apart. */
export interface Numbered extends Payload {
  readonly number: number;
}

export const numbered = (number: number, size = 1): Numbered => ({ size, number });

/** Members and the messages between them; a test decides what moves when. */
export class Cluster {
  readonly hosts = new Map<MemberId, Host>();
  /** Messages on their way, oldest first. */
  messages: RaftMessage[] = [];
  /** Looked at after every step of any member. */
  onStep: ((host: Host, outputs: RaftOutput[]) => void) | null = null;
  readonly #random: Random;
  readonly #options: ClusterOptions;
  readonly #bootstrap: Membership;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.#random = new Random([options.seed ?? 1, 2, 3, 4]);
    const { voters, learners = [] } = options;
    this.#bootstrap = simpleMembership(sortedText(voters), sortedText(learners));
    const all = [...voters, ...learners, ...(options.spares ?? [])];
    for (const id of all) {
      this.hosts.set(id, {
        id,
        raft: null,
        disk: { hardState: { term: 0, vote: null }, snapshot: null, entries: [] },
        pendingWrites: [],
        applied: [],
        restoredAt: 0,
        membership: this.#bootstrap,
        lives: 0,
        events: [],
      });
      this.restart(id);
    }
  }

  host(id: MemberId): Host {
    return this.hosts.get(id) as Host;
  }

  raft(id: MemberId): Raft {
    return this.host(id).raft as Raft;
  }

  restart(id: MemberId): void {
    const host = this.host(id);
    host.lives += 1;
    host.applied = [];
    host.restoredAt = host.disk.snapshot?.index ?? 0;
    host.membership = host.disk.snapshot?.membership ?? this.#bootstrap;
    host.raft = new Raft({
      config: {
        id,
        ...raftDefaults,
        preVote: false,
        checkQuorum: false,
        maxMessageBytes: 1_000,
        maxInflightMessages: 16,
        maxInflightBytes: 10_000,
        maxUncommittedBytes: 100_000,
        planted: this.#options.planted ?? noBug,
        ...this.#options.config,
      },
      durable: {
        hardState: host.disk.hardState,
        snapshot: host.disk.snapshot,
        entries: [...host.disk.entries],
        bootstrap: this.#bootstrap,
      },
      random: this.#random.split(`${id}.${host.lives}`),
    });
  }

  /** The first `kept` writes in flight reach the disk; the rest are lost. */
  crash(id: MemberId, kept = 0): void {
    const host = this.host(id);
    for (const write of host.pendingWrites.slice(0, kept)) carryOut(host.disk, write);
    host.pendingWrites = [];
    host.raft = null;
  }

  step(id: MemberId, input: RaftInput): RaftOutput[] {
    const host = this.host(id);
    if (host.raft === null) return [];
    const outputs = host.raft.step(input);
    for (const output of outputs) this.#carryOut(host, output);
    this.onStep?.(host, outputs);
    if (this.#options.instantDisk ?? true) this.flush(id);
    return outputs;
  }

  tick(id: MemberId, count = 1): void {
    for (let at = 0; at < count; at += 1) this.step(id, { kind: "tick" });
  }

  /** The disk of `id` finishes its oldest `count` writes, by default all. */
  flush(id: MemberId, count = Number.POSITIVE_INFINITY): void {
    const host = this.host(id);
    for (let at = 0; at < count; at += 1) {
      const write = host.pendingWrites.shift();
      if (write === undefined) return;
      carryOut(host.disk, write);
      this.step(id, { kind: "written", id: write.id });
    }
  }

  /** Delivers until nothing is on its way; `drop` loses messages. */
  settle(drop: (message: RaftMessage) => boolean = () => false): void {
    for (const id of this.hosts.keys()) this.flush(id);
    for (let count = 0; this.messages.length > 0 && count < 10_000; count += 1) {
      const message = this.messages.shift() as RaftMessage;
      if (drop(message)) continue;
      this.deliver(message);
      this.flush(message.to);
    }
  }

  deliver(message: RaftMessage): void {
    if (this.hosts.has(message.to)) this.step(message.to, { kind: "message", message });
  }

  elect(id: MemberId): void {
    this.step(id, { kind: "campaign" });
    this.settle();
  }

  propose(id: MemberId, number: number, size = 1): RaftOutput[] {
    return this.step(id, { kind: "propose", payload: numbered(number, size) });
  }

  leader(): MemberId | null {
    const leaders = [...this.hosts.values()].filter((host) => host.raft?.role === "leader");
    leaders.sort((left, right) => (right.raft as Raft).term - (left.raft as Raft).term);
    return leaders[0]?.id ?? null;
  }

  /** The numbers of the payloads applied in this life. */
  numbersApplied(id: MemberId): number[] {
    return this.host(id).applied.flatMap((entry) =>
      entry.kind === "payload" ? [(entry.payload as Numbered).number] : [],
    );
  }

  #carryOut(host: Host, output: RaftOutput): void {
    host.events.push(output);
    if (output.kind === "write") host.pendingWrites.push(output.write);
    if (output.kind === "send") this.messages.push(output.message);
    if (output.kind === "apply") host.applied.push(...output.entries);
    if (output.kind === "membership") host.membership = output.membership;
    if (output.kind === "restore") {
      host.applied = [];
      host.restoredAt = output.snapshot.index;
    }
  }
}

/** What a disk does with a write, as the contract says. */
export function carryOut(disk: Disk, write: RaftWrite): void {
  if (write.hardState !== null) disk.hardState = write.hardState;
  if (write.snapshot !== null) {
    disk.snapshot = write.snapshot;
    disk.entries = [];
  }
  const first = write.entries[0];
  if (first !== undefined) {
    disk.entries = disk.entries.filter((entry) => entry.index < first.index);
    disk.entries.push(...write.entries);
  }
  disk.entries = disk.entries.filter((entry) => entry.index >= write.compactTo);
}

/** Three voters. */
export function three(options: Partial<ClusterOptions> = {}): Cluster {
  return new Cluster({ voters: ["a", "b", "c"], ...options });
}

/** Lets the leader's heartbeats carry the commit index to all. */
export function beat(cluster: Cluster, leader: string, count = 1): void {
  for (let at = 0; at < count; at += 1) {
    cluster.tick(leader);
    cluster.settle();
  }
}
