import { Deadlines } from "../base/deadlines.ts";
import { sortedText } from "../base/order.ts";
import type { Planted } from "../base/planted.ts";
import type { Probe } from "../base/probe.ts";
import { after, type Instant, ms, seconds } from "../base/time.ts";
import type { RecordedReport, TaskReport } from "../dispatch/message.ts";
import { changedTask } from "../model/changed.ts";
import type { Config, Secret } from "../model/secret.ts";
import type { Task, TaskStatus } from "../model/task.ts";
import { isTerminal, TaskState } from "../model/task-state.ts";
import type { TemplatePlace } from "../model/template.ts";
import type { ExistingContainer, TaskEvent, TaskRequest } from "./executor-request.ts";
import { newRunner } from "./new-runner.ts";
import type { Output } from "./output.ts";
import { Reports } from "./reports.ts";
import { TaskFiles } from "./task-files.ts";
import {
  advance,
  answered,
  isToStop,
  mustLinger,
  recovered,
  type TaskRunner,
} from "./task-runner.ts";

/** A step that failed for a passing reason is tried again after this (SwarmKit's fixed 1 s). */
const retryAfter = seconds(1);
/**
 * A task that serves a published port, or to which names lead in an overlay, is stopped this long
 * after it was told to: meanwhile all nodes hear that they are to connect to others (Docker's
 * `defaultGossipConvergeDelay`).
 */
const lingerFor = ms(500);

export interface WorkerConfig {
  readonly description: TemplatePlace;
  readonly planted: Planted;
  readonly probe?: Probe | null;
}

/**
 * The tasks of this node, which it drives through the executor, one step at a time (SwarmKit
 * `agent/worker.go`).
 *
 * Model: the agent owns the observed state of its tasks. A status is written to disk, then acted
 * on and reported, and reported again until the leader has it in the store. The container of
 * a task that has ended stays, for whoever asks why, until the leader has forgotten the task.
 */
export class Worker {
  readonly #output: Output;
  readonly #runners = new Map<string, TaskRunner>();
  readonly #planted: Planted;
  readonly #probe: Probe | null;
  /** The secrets and configs that the tasks here name, in memory only. */
  readonly #files: TaskFiles;
  readonly #place: TemplatePlace;
  /** Tasks to be moved on before the step ends. */
  readonly #due = new Set<TaskRunner>();
  /** Tasks whose next step waits: one that failed is tried again later, one that serves lingers. */
  readonly #pauses = new Deadlines();
  readonly #reports: Reports;

  constructor(
    { description, planted, probe = null }: WorkerConfig,
    tasks: ReadonlyMap<string, Task>,
    containers: readonly ExistingContainer[],
    output: Output,
  ) {
    this.#place = description;
    this.#files = new TaskFiles(description, planted);
    this.#planted = planted;
    this.#probe = probe;
    this.#output = output;
    this.#reports = new Reports(probe);
    const left = new Map(containers.map((container) => [container.task, container]));
    for (const id of sortedText(tasks.keys())) this.#recover(tasks.get(id) as Task, left.get(id));
    for (const container of containers) {
      if (tasks.has(container.task)) continue;
      this.#probe?.reachable("unknown-container-cleaned");
      this.#clean(container.task);
    }
  }

  get deadline(): Instant {
    return Math.min(this.#pauses.next, this.#reports.deadline) as Instant;
  }

  get holdsFiles(): boolean {
    return this.#files.size > 0;
  }

  /** The ids of the secrets and configs that this node holds. */
  files(): string[] {
    return this.#files.ids();
  }

  /** The tasks on this node with the status that it knows. */
  tasks(): Task[] {
    return [...this.#runners.values()].map((runner) => runner.task);
  }

  /** A session has begun, perhaps with another leader. */
  reportAll(now: Instant): void {
    this.#reports.restart(this.#runners.values(), now);
  }

  /** The leader has put these into the store. */
  recorded(reports: readonly RecordedReport[]): void {
    for (const { task, state } of reports) {
      const runner = this.#runners.get(task);
      if (runner !== undefined) runner.recorded = Math.max(runner.recorded, state);
      if (this.#planted === "O12" && state > TaskState.RUNNING) this.release(task);
    }
  }

  /** Takes what the leader has assigned, with the files that it names. */
  assign(tasks: readonly Task[], files: readonly (Secret | Config)[]): void {
    this.#files.add(files);
    for (const task of tasks) this.#take(task);
    if (files.length > 0) this.#keepFiles();
  }

  /** The leader knows no others for this node than `tasks`. */
  releaseOthers(tasks: readonly Task[]): void {
    const listed = new Set(tasks.map((task) => task.id));
    for (const id of this.#runners.keys()) if (!listed.has(id)) this.release(id);
  }

  /** The leader has forgotten the task: it is to stop, and then to go. */
  release(id: string): void {
    const runner = this.#runners.get(id);
    if (runner === undefined) return;
    runner.isReleased = true;
    this.#want(runner, Math.max(runner.task.desiredState, TaskState.REMOVE) as TaskState);
  }

  /** What the executor says of a task. */
  executed(event: TaskEvent, now: Instant): void {
    const runner = this.#runners.get(event.task);
    if (runner === undefined || this.#isDeaf(event)) return;
    const status = answered(runner, event);
    if (event.kind === "failed" && event.temporary) {
      if (runner.step === event.step) this.#pauses.set(event.task, after(now, retryAfter));
      return;
    }
    if (status === null) return;
    runner.step = null;
    this.#move(runner, status);
    this.#due.add(runner);
  }

  /** The writes that contained these tasks are on disk. */
  written(tasks: ReadonlyMap<string, Task | null>, now: Instant): void {
    for (const [id, task] of tasks) {
      const runner = this.#runners.get(id);
      if (runner === undefined || task !== runner.written) continue;
      runner.isDurable = true;
      this.#reports.add(runner, now);
      this.#due.add(runner);
    }
  }

  /** Moves on whatever can go on. */
  goOn(now: Instant): void {
    for (const id of this.#pauses.take(now)) {
      const runner = this.#runners.get(id) as TaskRunner;
      runner.step = null;
      this.#due.add(runner);
    }
    if (this.#due.size === 0) return;
    for (const runner of this.#due) this.#advance(runner, now);
    this.#due.clear();
  }

  /** What the leader is to be told now; without a session, that waits for the next one. */
  takeReports(isInSession: boolean, now: Instant): readonly TaskReport[] {
    return this.#reports.take(isInSession, now);
  }

  #recover(task: Task, left: ExistingContainer | undefined): void {
    const runner = newRunner(task, this.#place, this.#planted === "A03");
    runner.isDurable = true;
    this.#runners.set(task.id, runner);
    this.#due.add(runner);
    const isMissed = this.#planted === "A02" && left?.state === "running";
    const status = recovered(task, isMissed ? undefined : left);
    if (isTerminal(task.status.state) && left?.state === "running") this.#clean(task.id);
    this.#probe?.sometimes(left?.state === "running", "container-outlived-daemon");
    this.#probe?.sometimes(status?.isLost === true, "container-lost");
    if (this.#planted === "A01" && status !== null && left?.state === "ended") {
      return this.#ask(runner, { kind: "start", task: task.id });
    }
    if (status !== null) this.#move(runner, status);
  }

  /**
   * A desired state only goes up; the status of a task that is already here is this agent's. One
   * that should run here, of which nothing is left, is gone; one that has ended is not missed.
   */
  #take(task: Task): void {
    const known = this.#runners.get(task.id);
    if (known === undefined && isTerminal(task.status.state)) return;
    if (known === undefined) {
      const runner = newRunner(task, this.#place);
      this.#runners.set(task.id, runner);
      this.#files.supply(runner);
      const status = recovered(task, undefined);
      if (status === null) this.#write(runner);
      else this.#move(runner, status);
      this.#due.add(runner);
    } else {
      if (known.files === null) this.#supplyLate(known);
      if (task.desiredState > known.task.desiredState) this.#want(known, task.desiredState);
    }
  }

  /** A task that was here before this node crashed: its files were not on the disk. */
  #supplyLate(runner: TaskRunner): void {
    this.#files.supply(runner);
    this.#due.add(runner);
  }

  /** That a task is to stop is on the disk before it is stopped: a restart does not undo it. */
  #want(runner: TaskRunner, desiredState: TaskState): void {
    const { task } = runner;
    runner.task = changedTask(task, { desiredState });
    const mustStop = isToStop(runner.task) && !isToStop(task);
    if (mustStop && !isTerminal(task.status.state)) this.#write(runner);
    this.#due.add(runner);
  }

  #advance(runner: TaskRunner, now: Instant): void {
    for (let step = advance(runner); step.status !== null; step = advance(runner)) {
      this.#move(runner, step.status);
    }
    const { request } = advance(runner);
    if (request !== null && mustLinger(runner, request)) this.#linger(runner, now);
    else if (request !== null) this.#ask(runner, request);
    const isOver = isTerminal(runner.task.status.state) && runner.isDurable;
    if (runner.isReleased && isOver) this.#forget(runner);
  }

  #linger(runner: TaskRunner, now: Instant): void {
    runner.hasLingered = true;
    runner.step = "linger";
    this.#pauses.set(runner.task.id, after(now, lingerFor));
  }

  /** Only with a bug planted: what is unhealthy goes on. */
  #isDeaf(event: TaskEvent): boolean {
    return event.kind === "unhealthy" && this.#planted === "H02";
  }

  #ask(runner: TaskRunner, request: TaskRequest): void {
    if (request.kind !== "remove") runner.step = request.kind;
    this.#pauses.delete(runner.task.id);
    this.#output.draft.requests.push(request);
    if (this.#planted !== "H01" || request.kind !== "start") return;
    if (runner.task.spec.container.health === null) return;
    const status = answered(runner, { kind: "started", task: runner.task.id });
    if (status !== null) this.#move(runner, status);
  }

  #move(runner: TaskRunner, status: TaskStatus): void {
    runner.task = changedTask(runner.task, { status });
    this.#output.draft.observed.push(runner.task);
    this.#write(runner);
    if (!isTerminal(status.state)) return;
    runner.files = [];
    this.#keepFiles();
  }

  /** What has ended needs its secrets no longer. */
  #keepFiles(): void {
    if (this.#planted !== "O08") this.#files.keepFor(this.#runners.values());
  }

  #write(runner: TaskRunner): void {
    runner.isDurable = false;
    runner.written = this.#planted === "A05" ? unstopped(runner.task) : runner.task;
    this.#output.draft.tasks.push([runner.task.id, runner.written]);
  }

  #forget(runner: TaskRunner): void {
    const { id } = runner.task;
    this.#runners.delete(id);
    this.#reports.forget(runner);
    this.#pauses.delete(id);
    this.#output.draft.tasks.push([id, null]);
    if (this.#planted !== "O13") this.#clean(id);
  }

  #clean(task: string): void {
    this.#output.draft.requests.push({ kind: "remove", task });
  }
}

/** A05: as if nobody had told it to stop. */
function unstopped(task: Task): Task {
  return isToStop(task) ? changedTask(task, { desiredState: TaskState.RUNNING }) : task;
}
