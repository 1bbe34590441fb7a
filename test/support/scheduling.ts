import type { Transaction } from "../../core/model/change.ts";
import type { OpenEntry, PlanContext } from "../../core/plan/plan.ts";
import { Scheduler } from "../../core/schedule/scheduler.ts";

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
