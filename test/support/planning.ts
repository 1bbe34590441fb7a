import { expect } from "vitest";
import { assert } from "../../core/base/assert.ts";
import { noBug } from "../../core/base/planted.ts";
import type { Timestamp } from "../../core/base/time.ts";
import { Backlog, type Due } from "../../core/manager/backlog.ts";
import type { Change, StoreEntry, StoreObject, Transaction } from "../../core/model/change.ts";
import type { Node } from "../../core/model/node.ts";
import type { Service } from "../../core/model/service.ts";
import type { Task } from "../../core/model/task.ts";
import { TaskState } from "../../core/model/task-state.ts";
import { Addresses } from "../../core/orchestrate/addresses.ts";
import { allocate } from "../../core/orchestrate/allocator.ts";
import { reconcile, reconcileSlots } from "../../core/orchestrate/orchestrate.ts";
import { reap } from "../../core/orchestrate/reaper.ts";
import { earliest, type PlanContext } from "../../core/plan/plan.ts";
import type { AppliedEntry, Store } from "../../core/store/store.ts";
import { moment, type StateName } from "./model.ts";
import { schedule } from "./scheduling.ts";
import { chance, storeOf, transact, update } from "./store.ts";

/** Whether the executor lets a task start: most tests say yes to all. */
export type Starts = (task: Task) => boolean;

/**
 * The planners and one store in a loop, with agents that do at once what they are asked: what the
 * cluster settles into, without a cluster.
 */
export class Planning {
  readonly store: Store;
  readonly #chance = chance();
  readonly #backlog: Backlog;
  readonly #due = new Map<string, Due>();
  #second = 0;
  /** A task that may not start fails. */
  starts: Starts = () => true;
  /** A task that is held takes its time to start, or to become healthy. */
  holds: Starts = () => false;
  /** A task that may not stop goes on running. */
  stops: Starts = () => true;
  /** Told of each entry that was applied. */
  watch: ((entry: StoreEntry, applied: AppliedEntry) => void) | null = null;

  constructor(...objects: StoreObject[]) {
    this.store = storeOf(...objects);
    this.#backlog = new Backlog(this.store, noBug);
  }

  get context(): PlanContext {
    const { store } = this;
    return { view: store, now: moment(this.#second), ...this.#chance, planted: noBug };
  }

  /** The seconds that the clock shows. */
  get second(): number {
    return this.#second;
  }

  commit(transactions: readonly Transaction[]): void {
    if (transactions.length === 0) return;
    const applied = this.#apply(transactions);
    for (const { outcome } of applied.transactions) assert(outcome.kind === "done", "no conflicts");
  }

  /** Moves the clock on by a second, and no more. */
  tick(): void {
    this.#second += 1;
  }

  /** Moves the clock on and lets everything settle again. */
  at(second: number): this {
    this.#second = second;
    return this.settle();
  }

  /** Plans, commits and obeys until nothing changes any more. */
  settle(): this {
    for (let round = 0; round < 200; round += 1) {
      const before = this.store.index;
      for (const id of this.#serviceIds()) {
        const slots = this.store.tasksBySlot(id).values();
        const wanted = [...this.#reconcile(id), ...reap(this.context, id, slots)];
        if (wanted.length > 0) this.#apply(wanted);
      }
      for (const id of this.#taskIds()) {
        const addresses = new Addresses(this.store, noBug);
        this.commit(allocate(this.context, addresses, id, new Set()));
      }
      this.commit(schedule(this.context));
      for (const id of this.#taskIds()) this.#obey(this.store.tasks.get(id) as Task);
      if (this.store.index === before) return this;
    }
    throw new Error("the planners never come to rest");
  }

  /** The service's tasks that have not stopped, by slot and age, such as `1:RUNNING@n1`. */
  living(service = "web"): string[] {
    return this.tasks(service)
      .filter((task) => task.status.state <= TaskState.RUNNING)
      .map((task) => `${task.slot}:${nameOf(task.status.state)}@${task.nodeId ?? "-"}`);
  }

  tasks(service = "web"): Task[] {
    const tasks = [...this.store.tasksOfService(service).values()];
    return tasks.sort(
      (left, right) => left.slot - right.slot || left.meta.version - right.meta.version,
    );
  }

  running(service = "web"): Task[] {
    return this.tasks(service).filter((task) => task.status.state === TaskState.RUNNING);
  }

  /** An agent reports `state` for the task. */
  report(task: Task, state: StateName, exitCode: number | null = null): this {
    const current = this.store.tasks.get(task.id) as Task;
    const appliedAt = moment(this.#second);
    const status = { ...current.status, state: TaskState[state], appliedAt, exitCode };
    const runningSince = state === "RUNNING" ? appliedAt : current.runningSince;
    this.commit([transact(update({ ...current, runningSince, status }))]);
    return this;
  }

  setNode(id: string, state: "down" | "ready"): void {
    const before = this.store.nodes.get(id) as Node;
    const downSince = state === "down" ? this.context.now : null;
    this.commit([transact(update({ ...before, status: { state, message: "", downSince } }))]);
  }

  change(service: string, change: (service: Service) => Service): this {
    const current = this.store.services.get(service) as Service;
    this.commit([transact(update(change(current)))]);
    return this;
  }

  /**
   * What the service needs, found by a look at all of it; that must be no more than the backlog
   * leads to, which may name some slots of the service, or nothing.
   */
  #reconcile(id: string): readonly Transaction[] {
    for (const due of this.#backlog.take(moment(this.#second))) this.#due.set(due.service, due);
    const due = this.#due.get(id);
    this.#due.delete(id);
    const whole = reconcile(this.context, id);
    const slots = due?.slots == null ? null : [...due.slots];
    const others = { ...this.context, ...chance() };
    const some = slots === null ? null : reconcileSlots(others, id, slots);
    if (due === undefined) expect(whole.transactions).toEqual([]);
    else if (slots !== null && some !== null) {
      expect(withoutNewIds(some.transactions)).toEqual(withoutNewIds(whole.transactions));
      this.#backlog.lookedAt(id, slots, some);
    } else this.#backlog.lookedAtAll(id, whole);
    return whole.transactions;
  }

  /** One entry; a transaction about what another has changed in it is refused. */
  #apply(transactions: readonly Transaction[]): AppliedEntry {
    const entry = { term: 1, time: moment(this.#second), transactions };
    const applied = this.store.apply(entry, this.store.index + 1);
    this.#backlog.note(applied.events);
    this.watch?.(entry, applied);
    return applied;
  }

  #serviceIds(): string[] {
    const owners = [...this.store.tasks.values()].map((task) => task.serviceId);
    return [...new Set([...this.store.services.keys(), ...owners])].sort();
  }

  #taskIds(): string[] {
    return [...this.store.tasks.keys()].sort();
  }

  /** What the agent of a reachable node does with a task. */
  #obey(task: Task): void {
    const { state } = task.status;
    if (state < TaskState.ASSIGNED || state > TaskState.RUNNING) return;
    if (this.store.nodes.get(task.nodeId ?? "")?.status.state !== "ready") return;
    if (task.desiredState >= TaskState.SHUTDOWN) {
      if (this.stops(task)) this.report(task, "SHUTDOWN");
    } else if (task.desiredState === TaskState.READY) {
      if (state < TaskState.READY) this.report(task, "READY");
    } else if (state < TaskState.RUNNING && !this.holds(task)) {
      this.report(task, this.starts(task) ? "RUNNING" : "FAILED", this.starts(task) ? null : 1);
    }
  }
}

/** One node of the cluster has changed, and so has whatever follows from that. */
export function changed(planning: Planning, id: string, change: (node: Node) => Node): Planning {
  planning.commit([transact(update(change(planning.store.nodes.get(id) as Node)))]);
  return planning.settle();
}

export function setTo(
  planning: Planning,
  id: string,
  availability: Node["spec"]["availability"],
): Planning {
  return changed(planning, id, (each) => ({ ...each, spec: { ...each.spec, availability } }));
}

export function turned(planning: Planning, id: string, state: Node["status"]["state"]): Planning {
  return changed(planning, id, (each) => ({ ...each, status: { ...each.status, state } }));
}

/** The earliest moment at which the service, or a slot of it, is to be looked at again. */
export function wakeOf(context: PlanContext, service: string): Timestamp | null {
  const { wakeAt, slotWakes } = reconcile(context, service);
  return earliest([wakeAt, ...slotWakes.map(({ at }) => at)]);
}

function withoutNewIds(transactions: readonly Transaction[]): unknown[] {
  const withoutId = (change: Change): unknown =>
    change.kind === "create" ? { ...change, object: { ...change.object, id: "" } } : change;
  return transactions.map((each) => ({ ...each, changes: each.changes.map(withoutId) }));
}

function nameOf(state: TaskState): string {
  const found = Object.entries(TaskState).find(([, value]) => value === state);
  return found?.[0] ?? String(state);
}
