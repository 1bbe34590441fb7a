import type { Planted } from "../base/planted.ts";
import type { Random } from "../base/random.ts";
import type { Secrets } from "../base/secrets.ts";
import type { Timestamp } from "../base/time.ts";
import type { Actor, Change, Transaction } from "../model/change.ts";
import type { StoreView } from "../store/view.ts";

/** What a planner may use. It owns nothing: the same context gives the same plan. */
export interface PlanContext {
  readonly view: StoreView;
  /** The cluster's clock, as the leader reckons it. */
  readonly now: Timestamp;
  /** For the ids of new objects only. */
  readonly random: Random;
  readonly secrets: Secrets;
  readonly planted: Planted;
}

/** The entry that is being put together: what planners may put their transactions into. */
export interface OpenEntry {
  /** True once no more changes go in. */
  readonly isFull: boolean;
  /** False when there is no room, or something in the entry changes the same object. */
  offer(transaction: Transaction): boolean;
}

/** What a planner wants changed now, and when it must look again though nothing has changed. */
export interface Plan {
  readonly transactions: readonly Transaction[];
  readonly wakeAt: Timestamp | null;
}

export const nothingToDo: Plan = { transactions: [], wakeAt: null };

/** Several plans as one. */
export function together(plans: readonly Plan[]): Plan {
  const transactions: Transaction[] = [];
  let wakeAt: Timestamp | null = null;
  for (const plan of plans) {
    if (plan === nothingToDo) continue;
    for (const each of plan.transactions) transactions.push(each);
    wakeAt = earlier(wakeAt, plan.wakeAt);
  }
  return { transactions, wakeAt };
}

/** A plan of one transaction, with nothing to wait for. */
export function atOnce(actor: Actor, changes: readonly Change[]): Plan {
  return { transactions: [transaction(actor, changes)], wakeAt: null };
}

export function transaction(actor: Actor, changes: readonly Change[]): Transaction {
  return { actor, changes, request: null, result: "" };
}

/** The earliest of several moments, where null is never. */
export function earliest(moments: readonly (Timestamp | null)[]): Timestamp | null {
  return moments.reduce(earlier, null);
}

/** The earlier of two moments, where null is never. */
export function earlier(left: Timestamp | null, right: Timestamp | null): Timestamp | null {
  if (left === null || right === null) return left ?? right;
  return left < right ? left : right;
}
