import { noBug } from "../../../core/base/planted.ts";
import {
  after,
  boot,
  type Duration,
  type Instant,
  seconds as span,
  us,
} from "../../../core/base/time.ts";
import { Dispatcher } from "../../../core/dispatch/dispatcher.ts";
import type { AgentMessage, DispatcherMessage, ToAgent } from "../../../core/dispatch/message.ts";
import type { Change, StoreObject } from "../../../core/model/change.ts";
import type { Task } from "../../../core/model/task.ts";
import type { Store } from "../../../core/store/store.ts";
import { description } from "../../support/model.ts";
import { raftView } from "../../support/raft.ts";
import { commit, random, storeOf, transact, update } from "../../support/store.ts";

const second = span(1);

type Of<K extends DispatcherMessage["kind"]> = Extract<DispatcherMessage, { kind: K }>;

/** A dispatcher and its store; the test is the agents, the planners and the clock. */
export class Leader {
  readonly store: Store;
  readonly dispatcher: Dispatcher;
  #now = 0 as Instant;
  #attempt = 0;

  constructor(
    objects: readonly StoreObject[],
    term = 1,
    slowFor = us(0),
    electionTimeout = span(10),
  ) {
    this.store = storeOf(...objects);
    const raft = raftView();
    const raftsTimes = { tickInterval: second, electionTimeout };
    const about = {
      term,
      raft,
      ...raftsTimes,
      slowBeatsUntil: after(boot, slowFor),
    };
    const config = { ...about, random: random(), planted: noBug };
    this.dispatcher = new Dispatcher(this.store, config, this.#now);
  }

  /** One with whom nodes `n1`, `n2` and `n3` have a session. */
  static ofThree(objects: readonly StoreObject[]): Leader {
    const leader = new Leader(objects);
    for (const id of ["n1", "n2", "n3"]) leader.open(id);
    return leader;
  }

  task(id: string): Task {
    return this.store.tasks.get(id) as Task;
  }

  /** Commits the task so changed. */
  change(id: string, change: Partial<Task>): void {
    this.commit(update({ ...this.task(id), ...change }));
  }

  /** What was sent by the last call, in order. */
  sent: ToAgent[] = [];

  /**
   * Moves the clock on, waking the dispatcher each second and as often as it asks for; a quorum
   * always answers.
   */
  at(seconds: number): this {
    this.sent = [];
    for (const now of this.#momentsUntil(seconds)) {
      this.sent.push(...this.dispatcher.check(now), ...this.dispatcher.flush(now));
      this.sent.push(...this.#confirmed(now));
    }
    return this;
  }

  /** As `at`, but the leader hears no quorum. */
  cutOffAt(seconds: number): this {
    for (const now of this.#momentsUntil(seconds)) {
      this.dispatcher.check(now);
      this.dispatcher.flush(now);
    }
    return this;
  }

  /** Nothing happens for so many seconds, not even a check. */
  leap(seconds: number): void {
    this.#now = after(this.#now, (seconds * second) as Duration);
  }

  *#momentsUntil(seconds: number): Generator<Instant> {
    const target = after(boot, (seconds * second) as Duration);
    for (let tick = after(this.#now, second); this.#now < target; ) {
      const due = Math.max(this.#now, Math.min(this.dispatcher.deadline, tick)) as Instant;
      this.#now = Math.min(due, target) as Instant;
      if (this.#now >= tick) tick = after(tick, second);
      if (due <= target) yield this.#now;
    }
  }

  receive(from: string, message: AgentMessage): DispatcherMessage[] {
    this.sent = this.dispatcher.receive(from, message, this.#now);
    this.sent.push(...this.#confirmed(this.#now));
    return this.sent.map((each) => each.message);
  }

  #confirmed(now: Instant): ToAgent[] {
    return this.dispatcher.takeDoubt(now) ? this.dispatcher.confirmed(now, now) : [];
  }

  /** Registers and returns the session's id. */
  register(from: string, engineSilentFor = us(0)): string {
    this.#attempt += 1;
    const attempt = this.#attempt;
    const about = { attempt, description: description(from), engineSilentFor };
    this.receive(from, { kind: "register", ...about });
    return this.one("session").session;
  }

  /** Registers and uses the session once, which confirms it. */
  open(from: string, engineSilentFor = us(0)): string {
    const session = this.register(from, engineSilentFor);
    const { resultsIn } = this.one("assignments");
    this.receive(from, { kind: "assignments-received", session, sequence: resultsIn });
    return session;
  }

  beat(from: string, session: string, engineSilentFor = us(0)): DispatcherMessage[] {
    return this.receive(from, { kind: "heartbeat", session, engineSilentFor });
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

  /** As if the store had taken them in. */
  forgetReports(): void {
    const { nodeReports } = this.dispatcher;
    nodeReports.workOff(
      () => false,
      () => true,
    );
  }

  /** What is known of the node and not yet in the store. */
  reported(node: string): string | null {
    return this.dispatcher.nodeReports.get(node)?.state ?? null;
  }
}
