import { found } from "../base/gather.ts";
import type { Timestamp } from "../base/time.ts";
import type { SlotKey } from "../model/task.ts";
import { earlier, type Plan, together } from "../plan/plan.ts";

/** When a slot is to be looked at again though nothing has changed. */
export interface SlotWake {
  readonly slot: SlotKey;
  readonly at: Timestamp;
}

/** What comes of the look at a service, or at some of its slots. */
export interface Reconciled extends Plan {
  readonly slotWakes: readonly SlotWake[];
  /**
   * From now on what a slot needs follows from that slot alone, until the service itself changes:
   * it has as many slots as it wants, and no update is to go through them.
   */
  readonly isBySlot: boolean;
}

/** The plan for one slot. */
export interface SlotPlan {
  readonly slot: SlotKey;
  readonly plan: Plan;
}

/** The slots' plans, with what is planned before and after them for the service as a whole. */
export function bySlot(slots: readonly SlotPlan[], before: Plan, after: Plan): Reconciled {
  const plans = slots.map(({ plan }) => plan);
  const { transactions } = together([before, ...plans, after]);
  const slotWakes = found(slots, ({ slot, plan }) =>
    plan.wakeAt === null ? null : { slot, at: plan.wakeAt },
  );
  const wakeAt = earlier(before.wakeAt, after.wakeAt);
  return { transactions, wakeAt, slotWakes, isBySlot: true };
}

/** A plan for the service as a whole, which is looked at as a whole whatever changes. */
export function asWhole({ transactions, wakeAt }: Plan): Reconciled {
  return { transactions, wakeAt, slotWakes: [], isBySlot: false };
}
