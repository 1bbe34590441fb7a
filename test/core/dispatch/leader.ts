import { noBug } from "../../../core/base/planted.ts";
import type { Instant } from "../../../core/base/time.ts";
import { Dispatcher, type ToAgent } from "../../../core/dispatch/dispatcher.ts";
import type { AgentMessage, DispatcherMessage } from "../../../core/dispatch/message.ts";
import type { Change, StoreObject } from "../../../core/model/change.ts";
import type { Store } from "../../../core/store/store.ts";
import { description } from "../../support/model.ts";
import { raftView } from "../../support/raft.ts";
import { commit, random, storeOf, transact } from "../../support/store.ts";

type Of<K extends DispatcherMessage["kind"]> = Extract<DispatcherMessage, { kind: K }>;

/** A dispatcher and its store; the test is the agents, the planners and the clock. */
export class Leader {
  readonly store: Store;
  readonly dispatcher: Dispatcher;
  #now = 0 as Instant;
  #attempt = 0;

  constructor(objects: readonly StoreObject[], term = 1) {
    this.store = storeOf(...objects);
    const config = { term, raft: raftView(), random: random(), planted: noBug };
    this.dispatcher = new Dispatcher(this.store, config, this.#now);
  }

  /** What was sent to `node` by the last call, in order. */
  sent: ToAgent[] = [];

  /** Moves the clock on, waking the dispatcher as often as it asks for; a quorum always answers. */
  at(second: number): this {
    const target = second * 1_000_000;
    this.sent = [];
    while (this.dispatcher.deadline <= target) {
      const now = Math.max(this.#now, this.dispatcher.deadline) as Instant;
      this.#now = now;
      this.sent.push(...this.dispatcher.check(now));
      if (this.dispatcher.takeDoubt()) this.dispatcher.confirmed(now);
    }
    this.#now = target as Instant;
    return this;
  }

  /** As `at`, but the leader hears no quorum. */
  cutOffAt(second: number): this {
    const target = second * 1_000_000;
    while (this.dispatcher.deadline <= target) {
      this.#now = Math.max(this.#now, this.dispatcher.deadline) as Instant;
      this.dispatcher.check(this.#now);
    }
    this.#now = target as Instant;
    return this;
  }

  receive(from: string, message: AgentMessage): DispatcherMessage[] {
    this.sent = this.dispatcher.receive(from, message, this.#now);
    return this.sent.map((each) => each.message);
  }

  /** Registers and returns the session's id. */
  register(from: string): string {
    this.#attempt += 1;
    const attempt = this.#attempt;
    this.receive(from, { kind: "register", attempt, description: description(from) });
    return this.one("session").session;
  }

  /** Registers and uses the session once, which confirms it. */
  open(from: string): string {
    const session = this.register(from);
    const { resultsIn } = this.one("assignments");
    this.receive(from, { kind: "assignments-received", session, sequence: resultsIn });
    return session;
  }

  beat(from: string, session: string): DispatcherMessage[] {
    return this.receive(from, { kind: "heartbeat", session });
  }

  /** Commits changes, tells the dispatcher and sends what follows. */
  commit(...changes: Change[]): DispatcherMessage[] {
    this.dispatcher.applied(commit(this.store, [transact(...changes)]).events, this.#now);
    this.sent = [...this.dispatcher.flush(this.#now)];
    return this.sent.map((each) => each.message);
  }

  flush(): DispatcherMessage[] {
    this.sent = [...this.dispatcher.flush(this.#now)];
    return this.sent.map((each) => each.message);
  }

  /** The only message of this kind among those sent last. */
  one<K extends DispatcherMessage["kind"]>(kind: K): Of<K> {
    const found = this.sent.filter(({ message }) => message.kind === kind);
    if (found.length !== 1) throw new Error(`${found.length} messages of kind ${kind}`);
    return found[0]?.message as Of<K>;
  }

  /** What is known of the node and not yet in the store. */
  reported(node: string): string | null {
    return this.dispatcher.nodeReports.get(node)?.state ?? null;
  }
}
