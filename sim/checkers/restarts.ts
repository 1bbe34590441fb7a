import { found } from "../../core/base/gather.ts";
import type { Timestamp } from "../../core/base/time.ts";
import type { Task } from "../../core/model/task.ts";
import { isTerminal, isWanted, stateName, TaskState } from "../../core/model/task-state.ts";
import type { EventOf } from "../../core/store/event.ts";
import { endedByItself } from "../liveness/ended-by-itself.ts";
import type { Commit, History } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { type SlotTasks, slotNameOf } from "./slot-tasks.ts";

/**
 * A task and the one that it takes the place of: of the same slot and version of the spec. It is
 * the newest that was wanted until then, and else the newest of all.
 */
interface Restart {
  readonly task: Task;
  readonly previous: Task;
  readonly at: Timestamp;
}

/** The restarts in each entry, found once for all who look at them. */
export class Restarts {
  readonly slotTasks: SlotTasks;
  #newest: Commit | null = null;
  #restarts: readonly Restart[] = [];

  constructor(slotTasks: SlotTasks) {
    this.slotTasks = slotTasks;
  }

  /** The tasks that an entry has created in place of others, except those that updates begin. */
  in(commit: Commit): readonly Restart[] {
    if (commit === this.#newest) return this.#restarts;
    this.#newest = commit;
    this.slotTasks.follow(commit);
    const made = commit.isForced ? [] : found(commit.tasks, madeIn);
    this.#restarts = made.length === 0 ? none : this.#amongThe(made, commit);
    return this.#restarts;
  }

  #amongThe(made: readonly Task[], commit: Commit): readonly Restart[] {
    const forgotten = forgottenIn(commit);
    const at = commit.entry?.time as Timestamp;
    return found(made, (task) => {
      const near = [
        ...this.slotTasks.with(task).values(),
        ...(forgotten.get(slotNameOf(task)) ?? []),
      ];
      const previous = predecessor(commit, near, task);
      return previous === null ? null : { task, previous, at };
    });
  }
}

const none: readonly Restart[] = [];

/** The task that the event makes, unless an update begins with it; else null. */
function madeIn({ previous, current }: EventOf<Task>): Task | null {
  return previous === null && current !== null && !current.isUpdate ? current : null;
}

/** The tasks that the entry has removed, by slot. */
function forgottenIn({ tasks }: Commit): ReadonlyMap<string, readonly Task[]> {
  const forgotten = new Map<string, Task[]>();
  for (const { previous, current } of tasks) {
    if (current !== null || previous === null) continue;
    const slot = slotNameOf(previous);
    forgotten.set(slot, [...(forgotten.get(slot) ?? []), previous]);
  }
  return forgotten;
}

/** Of those that are, or were until this entry, in the task's slot. */
function predecessor(commit: Commit, near: readonly Task[], task: Task): Task | null {
  const others = near.filter(
    (other) =>
      other.id !== task.id &&
      other.desiredState !== TaskState.REMOVE &&
      other.jobIteration === task.jobIteration,
  );
  const served = others.filter((other) => wasWanted(commit, other));
  const newest = newestOf(served.length > 0 ? served : others);
  return newest?.specVersion === task.specVersion ? before(commit, newest) : null;
}

function wasWanted(commit: Commit, task: Task): boolean {
  return isWanted(before(commit, task).desiredState);
}

/** The task as it was when the plans of the entry were made. */
function before(commit: Commit, task: Task): Task {
  return commit.tasks.find(({ previous }) => previous?.id === task.id)?.previous ?? task;
}

function newestOf(tasks: readonly Task[]): Task | null {
  return tasks.reduce<Task | null>(
    (newest, task) => (newest === null || isNewer(task, newest) ? task : newest),
    null,
  );
}

function isNewer(task: Task, other: Task): boolean {
  return (
    task.meta.createdAt > other.meta.createdAt ||
    (task.meta.createdAt === other.meta.createdAt && task.specVersion > other.specVersion)
  );
}

/** A task that ends by itself is replaced only if the restart policy's condition says so. */
export class RestartConditionHolds implements Checker {
  readonly name = "restart-condition-holds";
  readonly source = "SwarmKit orchestrator/restart: shouldRestart";
  checks = 0;
  readonly #restarts: Restarts;

  constructor(restarts: Restarts) {
    this.#restarts = restarts;
  }

  committed(commit: Commit): void {
    for (const { task, previous } of this.#restarts.in(commit)) {
      if (!endedByItself(previous)) continue;
      this.checks += 1;
      const { condition } = previous.spec.restart;
      const isComplete = previous.status.state === TaskState.COMPLETE;
      if (condition === "any" || (condition === "on-failure" && !isComplete)) continue;
      const end = stateName(previous.status.state);
      const detail = `${task.name} is restarted after ${end}, with the condition ${condition}`;
      throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
  }
}

/**
 * A slot is restarted no more often than its policy allows, and is not given up before; what nodes
 * lose is not counted, nor an attempt that was given up before it came to its node.
 */
export class MaxAttemptsHold implements Checker {
  readonly name = "max-attempts-hold";
  readonly source = "SwarmKit orchestrator/restart: MaxAttempts within Window; moby/moby#32416";
  checks = 0;
  readonly #restarts: Restarts;
  /** When each slot was restarted after a failure, in one version of its spec and one run. */
  readonly #attempts = new Map<string, { readonly run: string; readonly at: number[] }>();
  /** A cluster begun anew knows of attempts that are forgotten here. */
  #wasForced = false;

  constructor(restarts: Restarts) {
    this.#restarts = restarts;
  }

  /** What a cluster has counted that was begun anew from an older state is lost. */
  committed(commit: Commit): void {
    if (commit.isForced) {
      this.#attempts.clear();
      this.#wasForced = true;
    }
    for (const restart of this.#restarts.in(commit)) {
      if (endedByItself(restart.previous)) this.#count(commit, restart);
      else this.#handedOver(commit, restart.task);
    }
    for (const event of commit.tasks) {
      const task = leftIn(event);
      if (task !== null && !this.#wasForced) this.#givenUp(commit, task);
    }
    for (const { previous, current } of commit.events) {
      if (previous?.kind === "task" && current?.kind !== "task") this.#forget(previous);
      else if (current?.kind === "task" && current.desiredState === TaskState.REMOVE) {
        this.#beginAnew(current);
      }
    }
  }

  /** Its predecessor was drained, moved or lost. */
  #handedOver({ host }: Commit, { name, restarts }: Task): void {
    if (!restarts.isAttempt) return;
    const detail = `${name} counts as an attempt, and its predecessor did not end by itself`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }

  #count(commit: Commit, { task, previous, at }: Restart): void {
    const { maxAttempts } = previous.spec.restart;
    if (maxAttempts === 0) return;
    this.checks += 1;
    const made = this.#madeBy(task, previous);
    if (made.length >= maxAttempts) {
      const detail = `${task.name} is restarted ${made.length + 1} times, not ${maxAttempts}`;
      throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
    this.#attempts.set(slotNameOf(task), { run: runOf(task), at: [...made, at] });
  }

  /** Where nothing else of its slot is wanted, none of its attempts may be left. */
  #givenUp({ host }: Commit, task: Task): void {
    const { maxAttempts } = task.spec.restart;
    const others = [...this.#restarts.slotTasks.with(task).values()];
    if (others.some(({ desiredState }) => isWanted(desiredState))) return;
    this.checks += 1;
    const made = this.#madeBy(task, task).length;
    if (made >= maxAttempts) return;
    const detail = `${task.name} is given up after ${made} of ${maxAttempts} restarts`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }

  /** When the attempts were made that count for the end of `last`. */
  #madeBy(task: Task, { spec, status }: Task): readonly number[] {
    const known = this.#attempts.get(slotNameOf(task));
    const all = known?.run === runOf(task) ? known.at : [];
    const { window } = spec.restart;
    return window === 0 ? all : all.filter((moment) => status.appliedAt - moment < window);
  }

  /** A slot begins anew once the last task of its run is gone. */
  #forget(task: Task): void {
    const slot = slotNameOf(task);
    const known = this.#attempts.get(slot);
    if (known !== undefined && task.status.state < TaskState.ASSIGNED) {
      const at = known.at.filter((moment) => moment !== task.meta.createdAt);
      this.#attempts.set(slot, { ...known, at });
    }
    this.#beginAnew(task);
  }

  /** Whether its tasks are gone already or are still to go. */
  #beginAnew(task: Task): void {
    const slot = slotNameOf(task);
    const run = runOf(task);
    if (this.#attempts.get(slot)?.run !== run) return;
    const isLeft = [...this.#restarts.slotTasks.with(task).values()].some(
      (other) => other.desiredState !== TaskState.REMOVE && runOf(other) === run,
    );
    if (!isLeft) this.#attempts.delete(slot);
  }
}

/** The task that ended by itself, could be restarted, and is asked to stop; else null. */
function leftIn({ actor, previous, current }: EventOf<Task>): Task | null {
  if (actor !== "orchestrator" || previous === null || current === null) return null;
  const isLeft = isWanted(previous.desiredState) && current.desiredState === TaskState.SHUTDOWN;
  if (!isLeft || !endedByItself(previous) || previous.slot === 0) return null;
  if (previous.jobIteration !== null || previous.rejectedFor !== undefined) return null;
  const { condition, maxAttempts } = previous.spec.restart;
  const isComplete = previous.status.state === TaskState.COMPLETE;
  const isAllowed = condition === "any" || (condition === "on-failure" && !isComplete);
  return isAllowed && maxAttempts > 0 ? previous : null;
}

/** The version of the spec, and a job's run: what attempts are counted in. */
function runOf({ specVersion, jobIteration }: Task): string {
  return `${specVersion} ${jobIteration}`;
}

/**
 * A task that ended by itself is followed after exactly the delay of its policy: doubled for each
 * failure in a row up to the cap, whoever leads meanwhile; at once when its node is drained.
 */
export class RestartDelayHolds implements Checker {
  readonly name = "restart-delay-holds";
  readonly source = "SwarmKit orchestrator/restart: delay; the back-off is our own";
  checks = 0;
  readonly #history: History;
  readonly #restarts: Restarts;
  /** Failures in a row before each restart, gone or not: a cluster begun anew may know it again. */
  readonly #rows = new Map<string, number>();
  /** When each parked restart may be started. */
  readonly #startAt = new Map<string, number>();

  constructor(history: History, restarts: Restarts) {
    this.#history = history;
    this.#restarts = restarts;
  }

  committed(commit: Commit): void {
    for (const restart of this.#restarts.in(commit)) this.#created(commit, restart);
    for (const { id, previous, current } of commit.tasks) {
      if (commit.isForced) {
        this.#startAt.delete(id);
        continue;
      }
      if (current !== null && previous === null) this.#goesOn(commit, current);
      if (current !== null) this.#started(commit, current);
      else this.#startAt.delete(id);
    }
  }

  #created(commit: Commit, { task, previous, at }: Restart): void {
    const row = this.#rowBefore(previous, at);
    if (task.replaces !== null && task.replaces !== previous.id) {
      // A move is tried again: what it counts is the row of the task that is to move.
      const moved = this.#history.view.tasks.get(task.replaces);
      const isSame = moved?.specVersion === task.specVersion;
      this.#rows.set(task.id, isSame ? this.#rowBefore(moved, at) : 0);
      return;
    }
    if (!endedByItself(previous)) {
      this.#rows.set(task.id, row);
      return;
    }
    this.checks += 1;
    this.#rows.set(task.id, row + 1);
    const node = this.#history.view.nodes.get(previous.nodeId ?? "");
    if (node?.spec.availability === "drain") return;
    const delay = delayAfter(task, row + 1);
    this.#startAt.set(task.id, at + delay);
    if (task.startAt === at + delay) return;
    const detail =
      `${task.name} is to wait ${(task.startAt - at) / 1e6} s and not ${delay / 1e6} s ` +
      `after ${row + 1} failures in a row`;
    throw new BrokenInvariant(this.name, commit.host.name, detail);
  }

  /**
   * Beside a task of an older version, the row of those that an update has tried goes on. A slot of
   * which a user has removed the task begins anew.
   */
  #goesOn(commit: Commit, task: Task): void {
    if (task.isUpdate || this.#rows.has(task.id)) return;
    const tried = [...this.#restarts.slotTasks.with(task).values()].filter(
      ({ id, specVersion, jobIteration, desiredState }) =>
        id !== task.id &&
        specVersion === task.specVersion &&
        jobIteration === task.jobIteration &&
        desiredState !== TaskState.REMOVE,
    );
    const last = newestOf(tried);
    if (last !== null)
      this.#rows.set(task.id, this.#rowBefore(last, commit.entry?.time as Timestamp));
  }

  #rowBefore({ id, runningSince, status, spec }: Task, at: Timestamp): number {
    const row = this.#rows.get(id) ?? 0;
    const endedAt = isTerminal(status.state) ? status.appliedAt : at;
    const ranLong = runningSince !== null && endedAt - runningSince > spec.restart.maxDelay;
    return ranLong ? 0 : row;
  }

  #started(commit: Commit, { id, name, desiredState }: Task): void {
    const startAt = this.#startAt.get(id);
    if (startAt === undefined || desiredState === TaskState.READY) return;
    this.#startAt.delete(id);
    const at = commit.entry?.time ?? 0;
    if (at >= startAt || desiredState >= TaskState.SHUTDOWN) return;
    const detail = `${name} is started ${(startAt - at) / 1e6} s before its delay is over`;
    throw new BrokenInvariant(this.name, commit.host.name, detail);
  }
}

/** The delay after this many failures in a row. With none to begin with, it doubles from 100 ms. */
function delayAfter({ spec }: Task, row: number): number {
  const { delay, maxDelay } = spec.restart;
  if (maxDelay <= delay || row === 1) return delay;
  let waits: number = delay;
  for (let failures = row; failures > 1 && waits < maxDelay; failures -= 1) {
    waits = waits === 0 ? 100_000 : waits * 2;
  }
  return Math.min(maxDelay, waits);
}
