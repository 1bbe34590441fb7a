import { noBug } from "../../../core/base/planted.ts";
import { type Instant, seconds, type Timestamp, us } from "../../../core/base/time.ts";
import type { ClientReply, Command } from "../../../core/control/command.ts";
import type { AgentMessage, DispatcherMessage } from "../../../core/dispatch/message.ts";
import { ClusterClock } from "../../../core/manager/cluster-clock.ts";
import type { ToOrigin } from "../../../core/manager/commands.ts";
import { Manager, type ManagerOutput } from "../../../core/manager/manager.ts";
import type { SizeOf, StoreEntry, StoreObject } from "../../../core/model/change.ts";
import { defaultClusterSpec } from "../../../core/model/cluster.ts";
import { newestLevel } from "../../../core/model/level.ts";
import type { Store } from "../../../core/store/store.ts";
import { description, moment } from "../../support/model.ts";
import { raftView } from "../../support/raft.ts";
import { chance, storeOf } from "../../support/store.ts";

export interface LeadingManagerStart {
  /** Seconds: of the node's calendar, and of the store's last entry. */
  readonly calendar?: number;
  readonly stored?: number;
  readonly objects?: readonly StoreObject[];
  readonly store?: Store;
  readonly sizeOf?: SizeOf;
}

/** A manager and its store; the test is Raft, the agents and the clients. */
export class LeadingManager {
  readonly store: Store;
  readonly manager: Manager;
  readonly replies: ToOrigin[] = [];
  /** Entries in the order in which they were proposed. */
  readonly proposed: StoreEntry[] = [];
  #pending: StoreEntry | null = null;
  #now = 0 as Instant;
  readonly #calendar: Timestamp;
  #sessions = new Map<string, string>();

  constructor(start: LeadingManagerStart = {}) {
    const { calendar = 0, stored = 0, objects = [], store, sizeOf } = start;
    this.store = store ?? storeOf(...objects);
    if (stored > 0) this.store.apply({ time: moment(stored), transactions: [] }, 2);
    const config = {
      term: 1,
      raft: raftView(),
      tickInterval: seconds(1),
      electionTimeout: seconds(10),
      incarnation: 0,
      level: newestLevel,
      founders: ["m1", "m2", "m3"],
      cluster: defaultClusterSpec,
      ...chance(),
      planted: noBug,
      sizeOf,
    };
    this.#calendar = moment(calendar);
    const clocks = { now: this.#now, calendar: this.#calendar };
    this.manager = new Manager(this.store, config, new ClusterClock(), clocks);
  }

  get now(): Instant {
    return this.#now;
  }

  at(second: number): this {
    this.#now = Math.round(second * 1e6) as Instant;
    return this;
  }

  /** One output of the manager; what it proposes is on its way, and a quorum always answers. */
  output(): ManagerOutput {
    const output = this.manager.output(this.#now, this.#calendar);
    this.replies.push(...output.replies);
    for (const { to, message } of this.manager.takeToAgents()) this.#hear(to, message);
    if (output.propose !== null) {
      this.#pending = output.propose;
      this.proposed.push(output.propose);
    }
    if (!output.confirm) return output;
    this.manager.confirmed(this.#now, this.#now);
    const more = this.output();
    return output.propose === null ? more : output;
  }

  /** The entry on its way is committed and applied. */
  apply(): this {
    const entry = this.#pending;
    this.#pending = null;
    if (entry === null) throw new Error("no entry is on its way");
    this.manager.applied(this.store.apply(entry, this.store.index + 1), true, this.#now);
    return this;
  }

  /** An entry of an earlier leader is applied. */
  applyOther(entry: Omit<StoreEntry, "term">): void {
    this.manager.applied(this.store.apply(entry, this.store.index + 1), false, this.#now);
  }

  /** Outputs and applies until there is nothing to do. */
  settle(): this {
    for (let round = 0; round < 100; round += 1) {
      if (this.output().propose === null) return this;
      this.apply();
    }
    throw new Error("the manager never comes to rest");
  }

  ask(client: string, sequence: number, command: Command, token = sequence): this {
    const request = { client, sequence };
    this.manager.request({ node: "m1", token }, { kind: "command", request, command });
    return this;
  }

  receive(from: string, message: AgentMessage): this {
    this.manager.receive(from, message, this.#now);
    return this;
  }

  /** The node registers and uses its session, which makes it known and ready. */
  join(...nodes: string[]): this {
    for (const node of nodes) {
      this.receive(node, {
        kind: "register",
        attempt: 1,
        description: description(node),
        engineSilentFor: us(0),
      });
      this.output();
      const session = this.#sessions.get(node) ?? "";
      this.receive(node, { kind: "heartbeat", session, engineSilentFor: us(0) });
      if (this.#pending !== null) this.apply();
    }
    return this.settle();
  }

  /** The agent's session, as it heard of it last. */
  session(node: string): string {
    return this.#sessions.get(node) ?? "";
  }

  answers(): ClientReply[] {
    return this.replies.splice(0).map(({ reply }) => reply);
  }

  #hear(node: string, message: DispatcherMessage): void {
    if (message.kind === "session") this.#sessions.set(node, message.session);
  }
}
