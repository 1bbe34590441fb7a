import { limits } from "../base/limits.ts";
import type { Planted } from "../base/planted.ts";
import { boot, type Instant } from "../base/time.ts";
import type {
  Assignments,
  DispatcherMessage,
  RecordedReport,
  SessionNode,
} from "../dispatch/message.ts";
import { keptStatus } from "../model/kept-status.ts";
import type { Task } from "../model/task.ts";
import { EngineWatch } from "./engine-watch.ts";
import type { ExecutorEvent, ExistingContainer } from "./executor-request.ts";
import { type AgentOutput, Output } from "./output.ts";
import { Overlays } from "./overlays.ts";
import { Routes } from "./routes.ts";
import { AgentSession, type SessionConfig, type ToManager } from "./session.ts";
import { Worker } from "./worker.ts";

export interface AgentConfig extends SessionConfig {
  readonly planted: Planted;
}

/**
 * Runs on every node: keeps a session with the leader, and hands what that assigns to the node's
 * worker, its routes and its overlays. What its tasks come to goes back to the leader.
 */
export class Agent {
  /** The node held secrets or configs after its last step. */
  holdsFiles = false;
  readonly #planted: Planted;
  readonly #session: AgentSession;
  readonly #engine: EngineWatch;
  readonly #worker: Worker;
  readonly #routes = new Routes();
  readonly #overlays: Overlays;
  readonly #output = new Output();
  /** Of the newest set of assignments that was taken in this session. */
  #sequence = 0;
  /** The tasks have nothing to do before that, unless something reaches them. */
  #restsUntil: Instant = boot;
  /** Why the last leader that was asked has let this node not in; null: none has said so. */
  #refusal: string | null = null;

  constructor(
    config: AgentConfig,
    tasks: ReadonlyMap<string, Task>,
    containers: readonly ExistingContainer[],
    now: Instant,
  ) {
    this.#planted = config.planted;
    this.#session = new AgentSession(config, now);
    this.#engine = new EngineWatch(now);
    this.#overlays = new Overlays(config.description.address);
    this.#worker = new Worker(config, tasks, containers, this.#output);
  }

  get deadline(): Instant {
    return Math.min(this.#session.deadline, this.#restsUntil) as Instant;
  }

  /** The ids of the secrets and configs that this node holds. */
  files(): string[] {
    return this.#worker.files();
  }

  /** The tasks on this node with the status that it knows. */
  tasks(): Task[] {
    return this.#worker.tasks();
  }

  /** The leader of this node's session; null while it has none. */
  get leader(): string | null {
    return this.#session.id === null ? null : this.#session.manager;
  }

  /** What the leader has said of this node since the last call; null: nothing. */
  takeSessionNode(): SessionNode | null {
    const { sessionNode } = this.#session;
    this.#session.sessionNode = null;
    return sessionNode;
  }

  /** The cluster was started anew, without those who led it before. */
  restart(managers: readonly string[], now: Instant): void {
    this.#session.restart(managers, now);
  }

  receive(from: string, message: DispatcherMessage, now: Instant): void {
    if (this.#session.receive(from, message, now)) {
      this.#sequence = 0;
      this.#refusal = null;
      this.#restsUntil = boot;
      this.#worker.reportAll(now);
    }
    if (message.kind === "assignments") this.#assign(message);
    if (message.kind === "registration-refused" && this.#session.awaits(message.attempt)) {
      this.#refused(message.reason);
    }
    if (message.kind === "status-recorded") this.#recorded(message.reports);
  }

  #recorded(reports: readonly RecordedReport[]): void {
    this.#restsUntil = boot;
    this.#worker.recorded(reports);
  }

  #refused(reason: string): void {
    if (reason !== this.#refusal) this.#output.draft.refusal = reason;
    this.#refusal = reason;
    this.leave();
  }

  /** The node is out of the cluster: nothing of it is to run here. */
  leave(): void {
    this.#restsUntil = boot;
    this.#worker.releaseOthers([]);
    this.#routes.clear();
    this.#overlays.clear();
  }

  /** Nobody listens at this node. */
  unreachable(node: string, now: Instant): void {
    this.#session.unreachable(node, now);
  }

  /** The managers listen from now on: there is no need to wait any longer. `met`: some of them. */
  reconnect(met: readonly string[], now: Instant): void {
    this.#session.meet(met);
    this.#session.retryNow(now);
  }

  executed(event: ExecutorEvent, now: Instant): void {
    if (event.kind === "pong") {
      this.#engine.answered(now);
      if (event.has !== undefined && this.#planted !== "E06") {
        this.#session.describe(event.has, now);
      }
      return;
    }
    this.#restsUntil = boot;
    this.#worker.executed(event, now);
  }

  /** The writes that contained these tasks are on disk. */
  written(tasks: ReadonlyMap<string, Task | null>, now: Instant): void {
    this.#restsUntil = boot;
    this.#worker.written(tasks, now);
  }

  /** Everything that follows from what has reached the agent since the last call. */
  output(now: Instant): AgentOutput {
    const rests = now < this.#restsUntil;
    if (!rests) this.#worker.goOn(now);
    const beat = this.#session.check(now, this.#engine.silentFor);
    if (beat !== null) this.#beat(beat, now);
    if (!rests) this.#tell(now);
    return this.#output.take();
  }

  /** What has come of the tasks, and of how others are reached. */
  #tell(now: Instant): void {
    this.#report(now);
    for (const route of this.#routes.takeChanged()) this.#output.draft.routes.push(route);
    for (const overlay of this.#overlays.takeChanged()) this.#output.draft.overlays.push(overlay);
    this.#restsUntil = this.#worker.deadline;
    this.holdsFiles = this.#worker.holdsFiles;
  }

  #beat(beat: ToManager, now: Instant): void {
    const { toManagers, requests } = this.#output.draft;
    toManagers.push(beat);
    if (this.#engine.beat(now, this.#session.longestPause)) requests.push({ kind: "ping" });
  }

  #assign(message: Assignments): void {
    if (message.session !== this.#session.id) return;
    this.#restsUntil = boot;
    const isNext = message.type === "complete" || message.appliesTo === this.#sequence;
    if (isNext && message.resultsIn > this.#sequence) {
      this.#sequence = message.resultsIn;
      this.#routes.take(message);
      this.#overlays.take(message);
      this.#worker.assign(message.tasks, message.files);
      if (message.type === "complete") this.#worker.releaseOthers(message.tasks);
      for (const id of message.removed) this.#worker.release(id);
    }
    const { session } = message;
    const taken = { kind: "assignments-received", session, sequence: this.#sequence } as const;
    this.#output.draft.toManagers.push({ to: this.#session.manager, message: taken });
  }

  #report(now: Instant): void {
    const session = this.#session.id;
    const reports = this.#worker.takeReports(session !== null, now);
    if (session === null || reports.length === 0) return;
    const kept = reports.map(({ task, status }) => ({ task, status: keptStatus(status) }));
    const { toManagers } = this.#output.draft;
    for (let at = 0; at < kept.length; at += limits.reportsInMessage) {
      const part = kept.slice(at, at + limits.reportsInMessage);
      const message = { kind: "task-status", session, reports: part } as const;
      toManagers.push({ to: this.#session.manager, message });
    }
  }
}
