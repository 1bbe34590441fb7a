import { sortedText } from "../base/order.ts";
import type { Planted } from "../base/planted.ts";
import type { Timestamp } from "../base/time.ts";
import type { Transaction } from "../model/change.ts";
import type { SlotKey } from "../model/task.ts";
import { Addresses } from "../orchestrate/addresses.ts";
import { allocate, allocatePorts } from "../orchestrate/allocator.ts";
import { reconcile, reconcileSlots } from "../orchestrate/orchestrate.ts";
import { orphan } from "../orchestrate/orphans.ts";
import { reap } from "../orchestrate/reaper.ts";
import { earlier, type PlanContext } from "../plan/plan.ts";
import { Scheduler } from "../schedule/scheduler.ts";
import type { StoreEvent } from "../store/event.ts";
import type { StoreView } from "../store/view.ts";
import { Backlog } from "./backlog.ts";
import { Rebalance } from "./rebalance.ts";
import type { Turn } from "./turn.ts";

/** All planners of a leader, in a fixed order: each looks only at what has changed. */
export class Planners {
  readonly #view: StoreView;
  readonly #backlog: Backlog;
  readonly #addresses: Addresses;
  readonly #scheduler: Scheduler;
  readonly #rebalance: Rebalance;

  constructor(view: StoreView, planted: Planted) {
    this.#view = view;
    this.#backlog = new Backlog(view, planted);
    this.#addresses = new Addresses(view, planted);
    this.#scheduler = new Scheduler(view, planted);
    this.#rebalance = new Rebalance(view, planted);
  }

  /** When `plan` must be called next though nothing has changed; null: not before. */
  get nextWake(): Timestamp | null {
    return earlier(this.#backlog.nextWake, this.#rebalance.nextWake);
  }

  hasWork(time: Timestamp): boolean {
    return this.#backlog.hasWork(time) || this.#scheduler.hasWork || this.#rebalance.hasWork(time);
  }

  /** Follows what the store has applied. */
  note(events: readonly StoreEvent[]): void {
    this.#backlog.note(events);
    this.#addresses.note(events);
    for (const task of this.#addresses.takeHopeful()) this.#backlog.newTasks.set(task, null);
    this.#scheduler.note(events);
    this.#rebalance.note(events);
  }

  plan(context: PlanContext, turn: Turn): void {
    for (const due of this.#backlog.take(context.now)) {
      if (turn.isFull) this.#backlog.putBack(due);
      else if (due.slots === null) this.#planWhole(turn, context, due.service);
      else this.#planSlots(turn, context, due.service, [...due.slots]);
    }
    this.#giveUpOrphans(turn, context);
    this.#allocate(context, turn);
    this.#scheduler.plan(context, turn);
    this.#rebalance.plan(context, turn, this.#scheduler);
  }

  #allocate(context: PlanContext, turn: Turn): void {
    this.#addresses.begin();
    const { newTasks, withoutPorts } = this.#backlog;
    newTasks.workOff(
      () => turn.isFull,
      (id) => turn.offerAll(allocate(context, this.#addresses, id, withoutPorts)),
    );
  }

  #planWhole(turn: Turn, context: PlanContext, service: string): void {
    const plan = reconcile(context, service);
    const forgotten = reap(context, service, this.#view.tasksBySlot(service).values());
    const wanted = [...this.#ports(context, service), ...plan.transactions, ...forgotten];
    this.#backlog.lookedAtAll(service, plan);
    if (!turn.offerAll(wanted)) this.#backlog.putBack({ service, slots: null });
  }

  #planSlots(turn: Turn, context: PlanContext, service: string, slots: readonly SlotKey[]): void {
    const plan = reconcileSlots(context, service, slots);
    if (plan === null) return this.#planWhole(turn, context, service);
    const tasks = slots.map((slot) => this.#view.tasksOfSlot(service, slot));
    const wanted = [...plan.transactions, ...reap(context, service, tasks)];
    this.#backlog.lookedAt(service, slots, plan);
    if (!turn.offerAll(wanted)) this.#backlog.putBack({ service, slots });
  }

  #ports(context: PlanContext, service: string): Transaction[] {
    const given = allocatePorts(context, service);
    if (given === null) this.#backlog.withoutPorts.add(service);
    return given ?? [];
  }

  #giveUpOrphans(turn: Turn, context: PlanContext): void {
    const { orphanAt, downNodes } = this.#backlog;
    if (orphanAt === null || orphanAt > context.now) return;
    const { transactions, wakeAt } = orphan(context, sortedText(downNodes));
    this.#backlog.orphanAt = turn.offerAll(transactions) ? wakeAt : context.now;
  }
}
