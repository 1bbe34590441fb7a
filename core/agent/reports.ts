import { compareText } from "../base/order.ts";
import type { Probe } from "../base/probe.ts";
import { after, type Instant, ms, never, seconds } from "../base/time.ts";
import type { TaskReport } from "../dispatch/message.ts";
import { TaskState } from "../model/task-state.ts";
import type { TaskRunner } from "./task-runner.ts";

/** A report that the leader has not recorded by then is sent again. */
const againAfter = seconds(2);
/**
 * Of a task that does not run yet the leader is told no later than this: nothing follows from how
 * far it has come, and it often runs before (SwarmKit's leader lets such reports wait for as long,
 * `maxBatchInterval`, and all others too).
 */
const onItsWayFor = ms(500);

/** What the leader is told of tasks: a status that is on the disk, until it has recorded it. */
export class Reports {
  readonly #probe: Probe | null;
  /** Among others, all whose status on the disk is newer than what the leader has recorded. */
  readonly #unrecorded = new Set<TaskRunner>();
  #againAt: Instant = never;
  #dueAt: Instant = never;

  constructor(probe: Probe | null) {
    this.#probe = probe;
  }

  /** When something is to be told, or to be told again. */
  get deadline(): Instant {
    return Math.min(this.#dueAt, this.#againAt) as Instant;
  }

  /** Another leader, perhaps, of whom nobody knows what it has recorded. */
  restart(runners: Iterable<TaskRunner>, now: Instant): void {
    for (const runner of runners) {
      runner.recorded = -1;
      this.#unrecorded.add(runner);
    }
    this.#againAt = now;
  }

  /** Its status is on the disk. */
  add(runner: TaskRunner, now: Instant): void {
    this.#unrecorded.add(runner);
    const isOnItsWay = runner.task.status.state < TaskState.RUNNING;
    const dueAt = isOnItsWay ? after(now, onItsWayFor) : now;
    this.#dueAt = Math.min(this.#dueAt, dueAt) as Instant;
  }

  forget(runner: TaskRunner): void {
    this.#unrecorded.delete(runner);
  }

  /** What is to be told now; without a session, that waits for the next one. */
  take(isInSession: boolean, now: Instant): readonly TaskReport[] {
    if (now >= this.#againAt) this.#repeat(now);
    if (now < this.#dueAt) return none;
    this.#dueAt = never;
    if (!isInSession) return none;
    const reports = this.#news();
    if (reports.length > 0 && this.#againAt === never) this.#againAt = after(now, againAfter);
    return reports;
  }

  /** Counts what the leader has not recorded as never told. */
  #repeat(now: Instant): void {
    for (const runner of this.#unrecorded) runner.reported = runner.recorded;
    this.#dueAt = now;
    this.#againAt = never;
  }

  #news(): TaskReport[] {
    const reports: TaskReport[] = [];
    for (const runner of this.#unrecorded) {
      const { id, status } = runner.task;
      if (status.state <= runner.recorded) this.#unrecorded.delete(runner);
      if (!runner.isDurable || status.state <= Math.max(runner.recorded, runner.reported)) continue;
      runner.reported = status.state;
      reports.push({ task: id, status });
      if (this.#probe?.buggify("single-report") === true) break;
    }
    return reports.sort((left, right) => compareText(left.task, right.task));
  }
}

const none: readonly TaskReport[] = [];
