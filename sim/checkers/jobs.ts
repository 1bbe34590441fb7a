import type { Service } from "../../core/model/service.ts";
import { slotOf, type Task } from "../../core/model/task.ts";
import { isTerminal, isWanted, TaskState } from "../../core/model/task-state.ts";
import type { StoreView } from "../../core/store/view.ts";
import type { Commit, History } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/**
 * A job's slot that has completed is never run again in the same iteration, and there are no more
 * slots than completions. It is remembered here, whatever the store forgets.
 */
export class JobCompletesOnce implements Checker {
  readonly name = "job-completes-once";
  readonly source = "SwarmKit orchestrator/jobs: completed tasks count towards TotalCompletions";
  checks = 0;
  readonly #history: History;
  /** Slots that have completed, by service; only those of the newest iteration seen. */
  readonly #done = new Map<string, { iteration: number; slots: Set<number | string> }>();

  constructor(history: History) {
    this.#history = history;
  }

  committed(commit: Commit): void {
    if (commit.isForced) return this.#restart();
    for (const { id, current } of commit.services) if (current === null) this.#done.delete(id);
    for (const { previous, current } of commit.tasks) {
      if (current === null || current.jobIteration === null) continue;
      if (hasCounted(current)) this.#complete(current);
      if (isStart(previous, current)) this.#check(commit, current);
    }
  }

  /** Only what the cluster still knows that was begun anew has come about. */
  #restart(): void {
    this.#done.clear();
    for (const task of this.#history.view.tasks.values()) {
      if (task.jobIteration !== null && hasCounted(task)) this.#complete(task);
    }
  }

  #complete(task: Task): void {
    const iteration = task.jobIteration as number;
    const known = this.#done.get(task.serviceId);
    if (known !== undefined && known.iteration > iteration) return;
    if (known?.iteration === iteration) known.slots.add(slotOf(task));
    else this.#done.set(task.serviceId, { iteration, slots: new Set([slotOf(task)]) });
  }

  #check(commit: Commit, task: Task): void {
    this.checks += 1;
    const known = this.#done.get(task.serviceId);
    if (known?.iteration === task.jobIteration && known.slots.has(slotOf(task))) {
      const detail = `${task.name} is run again, though its slot has completed`;
      throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
    const service = this.#history.view.services.get(task.serviceId);
    if (service?.job?.iteration !== task.jobIteration) return;
    const { mode } = service.spec;
    if (mode.kind !== "replicated-job" || task.slot <= mode.totalCompletions) return;
    const detail = `${task.name} is one more than ${mode.totalCompletions} completions`;
    throw new BrokenInvariant(this.name, commit.host.name, detail);
  }
}

/** One that was to be removed before it was heard that it has completed is run again. */
function hasCounted({ status, desiredState }: Task): boolean {
  return status.state === TaskState.COMPLETE && desiredState < TaskState.REMOVE;
}

/** A job's task is made, or a parked one's turn has come. */
function isStart(previous: Task | null, { desiredState }: Task): boolean {
  return isWanted(desiredState) && previous?.desiredState !== desiredState;
}

/**
 * Whenever a replicated job begins a slot, no more slots than it allows are in use. What failed is
 * run again all the same, though a node may have come back meanwhile with what was replaced.
 */
export class JobConcurrencyHolds implements Checker {
  readonly name = "job-concurrency-holds";
  readonly source = "SwarmKit orchestrator/jobs/replicated: MaxConcurrent";
  checks = 0;
  readonly #history: History;
  /** As of the entry before: a plan does not know what else its entry changes. */
  readonly #limits = new Map<string, number>();

  constructor(history: History) {
    this.#history = history;
  }

  committed(commit: Commit): void {
    const begun = new Set<string>();
    for (const { previous, current } of commit.tasks) {
      if (current === null || previous !== null) continue;
      if (current.jobIteration === null || current.slot === 0) continue;
      if (!this.#wasInUse(commit, current)) begun.add(current.serviceId);
    }
    for (const id of begun) this.#check(commit, this.#history.view.services.get(id));
    for (const { id, current } of commit.services) {
      if (current === null) this.#limits.delete(id);
      else this.#limits.set(id, limitOf(current));
    }
  }

  #wasInUse(commit: Commit, task: Task): boolean {
    return [...this.#history.view.tasksOfService(task.serviceId).values()].some((other) => {
      if (other.slot !== task.slot || other.id === task.id) return false;
      const event = commit.tasks.find(({ current }) => current?.id === other.id);
      const before = event === undefined ? other : event.previous;
      return before !== null && isWanted(before.desiredState);
    });
  }

  #check(commit: Commit, service: Service | undefined): void {
    if (service === undefined) return;
    this.checks += 1;
    const most = Math.max(limitOf(service), this.#limits.get(service.id) ?? 0);
    const inUse = slotsInUse(this.#history.view, service);
    if (inUse <= most) return;
    const detail = `${service.spec.name} uses ${inUse} slots, and may use ${most} at a time`;
    throw new BrokenInvariant(this.name, commit.host.name, detail);
  }
}

function limitOf({ spec: { mode } }: Service): number {
  return mode.kind === "replicated-job" ? mode.maxConcurrent : 0;
}

/** Slots with a task that runs or is to run, wherever anyone could know of it. */
function slotsInUse(view: StoreView, service: Service): number {
  const slots = new Set<number>();
  for (const task of view.tasksOfService(service.id).values()) {
    const { state } = task.status;
    if (isTerminal(state)) continue;
    const node = view.nodes.get(task.nodeId ?? "");
    const isOut = node === undefined || node.status.state === "down";
    if (state < TaskState.ASSIGNED ? isWanted(task.desiredState) : !isOut) slots.add(task.slot);
  }
  return slots.size;
}
