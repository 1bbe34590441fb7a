import { Agent } from "../../../core/agent/agent.ts";
import type {
  ExecutorEvent,
  ExecutorRequest,
  ExistingContainer,
} from "../../../core/agent/executor-request.ts";
import type { ToManager } from "../../../core/agent/session.ts";
import { noBug } from "../../../core/base/planted.ts";
import { type Instant, seconds } from "../../../core/base/time.ts";
import type { AgentMessage, DispatcherMessage } from "../../../core/dispatch/message.ts";
import type { Route, ServingTask } from "../../../core/model/ingress.ts";
import type { OverlayNews, OverlayState } from "../../../core/model/overlay.ts";
import type { Config, Secret } from "../../../core/model/secret.ts";
import type { Task } from "../../../core/model/task.ts";
import { stateName, type TaskState } from "../../../core/model/task-state.ts";
import { description } from "../../support/model.ts";
import { random } from "../../support/store.ts";

export interface AgentHostStart {
  /** What its disk holds. */
  readonly tasks?: readonly Task[];
  readonly containers?: readonly ExistingContainer[];
  readonly managers?: readonly string[];
  readonly seed?: number;
  readonly life?: number;
}

/**
 * An agent with a disk and an executor that the test drives by hand: nothing is safe and no step is
 * taken before the test says so.
 */
export class AgentHost {
  readonly agent: Agent;
  /** What was asked of the executor, and sent to managers, since the test last looked. */
  requests: ExecutorRequest[] = [];
  sent: ToManager[] = [];
  /** States in the order in which the agent entered them, as `a:RUNNING`. */
  readonly states: string[] = [];
  /** How often it has written to its disk. */
  writes = 0;
  /** What a crash would leave. */
  readonly disk = new Map<string, Task>();
  /** Ports that lead elsewhere, since the test last looked. */
  routes: Route[] = [];
  /** Why it was not let in, each time that this was news. */
  readonly refusals: string[] = [];
  /** Overlays as they are from now on, since the test last looked. */
  overlays: OverlayState[] = [];
  #files: (Secret | Config)[] = [];
  #news: readonly OverlayNews[] = [];
  #unsafe: ReadonlyMap<string, Task | null>[] = [];
  #now = 0 as Instant;
  #session: string | null = null;
  #sequence = 0;

  constructor(start: AgentHostStart = {}) {
    const { tasks = [], containers = [], managers = ["m1"], seed = 1, life = 0 } = start;
    for (const task of tasks) this.disk.set(task.id, task);
    const config = {
      managers,
      contacts: managers,
      description: description("w1"),
      life,
      random: random(seed),
      planted: noBug,
    };
    this.agent = new Agent(config, this.disk, containers, this.#now);
    this.#output();
  }

  get now(): Instant {
    return this.#now;
  }

  /** Moves the clock on by so many seconds. */
  later(seconds: number): this {
    return this.at(this.#now / 1e6 + seconds);
  }

  /** Moves the clock on, waking the agent whenever it asks for it. */
  at(second: number): this {
    const target = Math.round(second * 1e6) as Instant;
    while (this.agent.deadline <= target) {
      this.#now = Math.max(this.#now, this.agent.deadline) as Instant;
      this.#output();
    }
    this.#now = Math.max(this.#now, target) as Instant;
    return this;
  }

  receive(message: DispatcherMessage, from = "m1"): this {
    this.agent.receive(from, message, this.#now);
    this.#output();
    return this;
  }

  unreachable(node: string): this {
    this.agent.unreachable(node, this.#now);
    this.#output();
    return this;
  }

  /** Waits until the agent registers, and answers. */
  open(term = 1, session = `s${term}`, from = "m1", heartbeatPeriod = seconds(5)): this {
    let register = this.last("register");
    for (let step = 0; register === undefined && step < 600; step += 1) {
      this.later(0.05);
      register = this.last("register");
    }
    this.sent = [];
    this.#session = session;
    this.#sequence = 0;
    const attempt = register?.attempt ?? 0;
    return this.receive(
      {
        kind: "session",
        attempt,
        session,
        term,
        heartbeatPeriod,
        managers: ["m1", "m2", "m3"],
        standing: null,
        security: null,
      },
      from,
    );
  }

  /** The next set of tasks comes with these. */
  supply(...files: (Secret | Config)[]): this {
    this.#files = files;
    return this;
  }

  /** The complete set of tasks. */
  assign(...tasks: Task[]): this {
    return this.#set("complete", tasks, []);
  }

  change(tasks: readonly Task[], removed: readonly string[] = []): this {
    return this.#set("incremental", tasks, removed);
  }

  /** All that was written is safe now; again for what follows from it, until nothing does. */
  sync(): this {
    while (this.#unsafe.length > 0) {
      const writes = this.#unsafe.splice(0);
      for (const tasks of writes) {
        for (const [id, task] of tasks) {
          if (task === null) this.disk.delete(id);
          else this.disk.set(id, task);
        }
        this.agent.written(tasks, this.now);
      }
      this.#output();
    }
    return this;
  }

  executed(event: ExecutorEvent): this {
    this.agent.executed(event, this.#now);
    this.#output();
    return this;
  }

  recorded(task: string, state: TaskState): this {
    return this.receive({ kind: "status-recorded", reports: [{ task, state }] });
  }

  /** What was asked of the executor since the last call, as `start a`. */
  asked(): string[] {
    return this.requests
      .splice(0)
      .flatMap((request) => (request.kind === "ping" ? [] : `${request.kind} ${request.task}`));
  }

  /** What was reported since the last call, as `a:RUNNING`. */
  reported(): string[] {
    const sent = this.sent.splice(0).map(({ message }) => message);
    return sent.flatMap((message) =>
      message.kind === "task-status"
        ? message.reports.map(({ task, status }) => `${task}:${stateName(status.state)}`)
        : [],
    );
  }

  last<K extends AgentMessage["kind"]>(kind: K): Extract<AgentMessage, { kind: K }> | undefined {
    const found = this.sent.map(({ message }) => message).filter((each) => each.kind === kind);
    return found.at(-1) as Extract<AgentMessage, { kind: K }> | undefined;
  }

  state(id: string): string {
    const task = this.agent.tasks().find((each) => each.id === id);
    return task === undefined ? "forgotten" : stateName(task.status.state);
  }

  /** A set that says only what there is of overlays. */
  overlay(type: "complete" | "incremental", ...overlays: readonly OverlayNews[]): this {
    this.#news = overlays;
    return this.#set(type, [], []);
  }

  /** A set that says only who serves. */
  serve(
    type: "complete" | "incremental",
    serving: readonly ServingTask[],
    ceased: readonly string[] = [],
  ): this {
    return this.#set(type, [], [], serving, ceased);
  }

  #set(
    type: "complete" | "incremental",
    tasks: readonly Task[],
    removed: readonly string[],
    serving: readonly ServingTask[] = [],
    ceased: readonly string[] = [],
  ): this {
    const appliesTo = this.#sequence;
    this.#sequence += 1;
    const session = this.#session ?? "";
    const resultsIn = this.#sequence;
    const set = { session, type, appliesTo, resultsIn, tasks, removed, serving, ceased } as const;
    const overlays = this.#news;
    this.#news = [];
    return this.receive({ kind: "assignments", ...set, overlays, files: this.#files.splice(0) });
  }

  #output(): void {
    const { toManagers, requests, routes, overlays, tasks, observed, refusal } = this.agent.output(
      this.#now,
    );
    if (refusal !== null) this.refusals.push(refusal);
    this.sent.push(...toManagers);
    this.requests.push(...requests);
    this.routes.push(...routes);
    this.overlays.push(...overlays);
    if (tasks.length > 0) {
      this.writes += 1;
      this.#unsafe.push(new Map(tasks));
    }
    for (const task of observed) this.states.push(`${task.id}:${stateName(task.status.state)}`);
  }
}
