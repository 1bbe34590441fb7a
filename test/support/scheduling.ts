import { noBug } from "../../core/base/planted.ts";
import type { Change, StoreObject, Transaction } from "../../core/model/change.ts";
import type { Task } from "../../core/model/task.ts";
import type { OpenEntry, PlanContext } from "../../core/plan/plan.ts";
import { Scheduler } from "../../core/schedule/scheduler.ts";
import type { Store } from "../../core/store/store.ts";
import { type TaskTraits, task } from "./model.ts";
import { commit, context, storeOf, transact } from "./store.ts";

export function pending(id: string, traits: TaskTraits = {}): Task {
  return task(id, { state: "PENDING", ...traits });
}

/** An entry that takes `most` transactions and keeps them. */
export function openEntry(most = Number.POSITIVE_INFINITY) {
  const transactions: Transaction[] = [];
  const entry: OpenEntry = {
    get isFull() {
      return transactions.length >= most;
    },
    offer: (transaction) => transactions.length < most && transactions.push(transaction) > 0,
  };
  return { entry, transactions };
}

/** What the scheduler of a new leader plans where an entry has room for everything. */
export function schedule(context: PlanContext): Transaction[] {
  const { entry, transactions } = openEntry();
  new Scheduler(context.view, context.planted).plan(context, entry);
  return transactions;
}

/** One scheduler over one store that changes. */
export class Scheduling {
  readonly store: Store;
  readonly #scheduler: Scheduler;

  constructor(...objects: StoreObject[]) {
    this.store = storeOf(...objects);
    this.#scheduler = new Scheduler(this.store, noBug);
  }

  get hasWork(): boolean {
    return this.#scheduler.hasWork;
  }

  /** Plans one entry of `most` transactions and commits it; how many there are in it. */
  turn(most?: number): number {
    const { entry, transactions } = openEntry(most);
    this.#scheduler.plan(context(this.store), entry);
    this.#commit(transactions);
    return transactions.length;
  }

  settle(): void {
    while (this.hasWork) this.turn();
  }

  /** Somebody else changes this. */
  change(...changes: Change[]): void {
    this.#commit([transact(...changes)]);
  }

  nodeOf(id: string): string | null | undefined {
    return this.store.tasks.get(id)?.nodeId;
  }

  #commit(transactions: readonly Transaction[]): void {
    this.#scheduler.note(commit(this.store, transactions).events);
  }
}
