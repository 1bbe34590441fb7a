import { found, gathered } from "../base/gather.ts";
import { after, type Duration, ms, type Timestamp } from "../base/time.ts";
import { type Transaction, updateOf } from "../model/change.ts";
import type { Service } from "../model/service.ts";
import { TaskState } from "../model/task-state.ts";
import { isPaused, type UpdateConfig } from "../model/update-config.ts";
import {
  atOnce,
  earlier,
  earliest,
  nothingToDo,
  type Plan,
  type PlanContext,
  transaction,
} from "../plan/plan.ts";
import { desire, newUpdateTask } from "./new-task.ts";
import { isLost, isRunning, type Slot } from "./slot.ts";
import { mustGo, progressOf, type SlotProgress } from "./update-progress.ts";
import { begun, configOf, isBeingUpdated, rollbackTakenUp } from "./update-status.ts";
import { judge } from "./update-verdict.ts";

/**
 * Brings a service's changed spec to its slots, a few at a time, and back again when it fails
 * (SwarmKit `orchestrator/update`).
 *
 * Model: where the update stands is `service.updateStatus`; how far it has come with each slot is
 * read from the slot's tasks and their times. Nothing is remembered, so a new leader goes on where
 * the last one was, with every delay and monitor period neither lost nor begun anew.
 */
export function rollOut(context: PlanContext, service: Service, slots: readonly Slot[]): Plan {
  if (isPaused(service.updateStatus)) return takeOverWhenSettled(context, service, slots);
  const isUnderWay = isBeingUpdated(service);
  const since = isUnderWay ? service.updateStatus.startedAt : context.now;
  const steps = slots.map((slot) => progressOf(context, service, slot, since));
  if (!isUnderWay) return begin(context, service, steps);
  if (service.updateStatus.slots === null) {
    return write(rollbackTakenUp(service, countOld(steps), context.now));
  }
  const verdict = judge(context, service, steps);
  if (verdict.kind === "changed") return write(verdict.service);
  const plan = advance(context, service, steps);
  return { ...plan, wakeAt: earlier(plan.wakeAt, verdict.judgeAt) };
}

/** True when a service that is not being updated is to be, because of one of these slots. */
export function mustRollOut(
  context: PlanContext,
  service: Service,
  slots: readonly Slot[],
): boolean {
  return countOld(slots.map((slot) => progressOf(context, service, slot, context.now))) > 0;
}

/** Nothing to replace is no update: then what was said of the last one stays. */
function begin(context: PlanContext, service: Service, steps: readonly SlotProgress[]): Plan {
  const slots = countOld(steps);
  return slots === 0 ? nothingToDo : write(begun(service, slots, context.now));
}

function countOld(steps: readonly SlotProgress[]): number {
  return steps.filter(({ phase, hasOld }) => phase === "old" || hasOld).length;
}

function write(object: Service): Plan {
  return atOnce("updater", [updateOf(object)]);
}

/** Hands over what has come to run, and begins as many slots as may be in flight beside it. */
function advance(context: PlanContext, service: Service, steps: readonly SlotProgress[]): Plan {
  const handedOver = gathered(steps, ({ slot }) => handOver(context, service, slot, ms(0)));
  const old = found(steps, ({ phase, slot }) => (phase === "old" ? slot : null));
  const { room, restsUntil } = roomFor(context, configOf(service), steps, old.length);
  const next = [...old].sort(stoppedFirst).slice(0, room);
  const replaced = next.map((slot) => replace(context, service, slot));
  const wakeAt = next.length < old.length ? restsUntil : null;
  return { transactions: [...handedOver, ...replaced], wakeAt };
}

/** How many more slots may be begun now, and when the next one that rests has rested enough. */
function roomFor(
  { now, planted }: PlanContext,
  { parallelism, delay }: UpdateConfig,
  steps: readonly SlotProgress[],
  old: number,
): { readonly room: number; readonly restsUntil: Timestamp | null } {
  const most = mostAtOnce(parallelism, planted);
  if (most === 0) return { room: old, restsUntil: null };
  const inFlight = steps.filter(({ phase }) => phase === "in-flight").length;
  const ends = found(steps, (step) => {
    const from = planted === "U06b" ? (step.attempt?.meta.createdAt ?? null) : step.finishedAt;
    if (from === null || step.phase !== "done" || planted === "U06") return null;
    return after(from, delay) > now ? after(from, delay) : null;
  });
  const room = Math.max(0, most - inFlight - ends.length);
  return { room, restsUntil: ends.length === 0 ? null : (Math.min(...ends) as Timestamp) };
}

function mostAtOnce(parallelism: number, planted: PlanContext["planted"]): number {
  if (planted === "U01b" && parallelism === 0) return 1;
  return planted === "U01" && parallelism > 0 ? parallelism + 1 : parallelism;
}

/** Start-first keeps what runs; what a newer update has overtaken before it ran goes. */
function replace(context: PlanContext, service: Service, slot: Slot): Transaction {
  const isSwapped = context.planted === "U02";
  const isStartFirst = (configOf(service).order === "start-first") !== isSwapped;
  const stopped = slot.wanted.filter((task) => !isStartFirst || !isRunning(task));
  const stops = stopped.map((task) => desire(task, TaskState.SHUTDOWN));
  const desired = isStartFirst ? TaskState.RUNNING : TaskState.READY;
  const started = newUpdateTask(context, service, slot, desired);
  return transaction("orchestrator", [...stops, started]);
}

/** Old tasks stop once a task of the wanted spec runs beside them, and has for `settled`. */
function handOver(
  context: PlanContext,
  service: Service,
  slot: Slot,
  settled: Duration,
): Transaction[] {
  if (slot.wanted.length < 2) return [];
  const old = slot.wanted.filter((task) => mustGo(context, service, task));
  const live = old.filter((task) => !isLost(context.view, task));
  if (live.length === 0) return [];
  const readyAt = takeOverAt(context, service, slot, settled);
  if (readyAt === null || readyAt > context.now) return [];
  return [
    transaction(
      "orchestrator",
      live.map((task) => desire(task, TaskState.SHUTDOWN)),
    ),
  ];
}

/** When a running task of the wanted spec will have run for `settled`; null: there is none. */
function takeOverAt(
  context: PlanContext,
  service: Service,
  slot: Slot,
  settled: Duration,
): Timestamp | null {
  const current = slot.wanted.find(
    (task) => !mustGo(context, service, task) && isRunning(task) && !isLost(context.view, task),
  );
  return current?.runningSince == null ? null : after(current.runningSince, settled);
}

/**
 * A paused update begins nothing. Where it has left two tasks in a slot, the new one takes over
 * when it has outlived the monitor period: what still serves is not given up for less.
 */
function takeOverWhenSettled(context: PlanContext, service: Service, slots: readonly Slot[]): Plan {
  const { monitor } = configOf(service);
  const doubled = slots.filter(({ wanted }) => wanted.length > 1);
  return {
    transactions: gathered(doubled, (slot) => handOver(context, service, slot, monitor)),
    wakeAt: earliest(
      doubled
        .map((slot) => takeOverAt(context, service, slot, monitor))
        .filter((at) => at !== null && at > context.now),
    ),
  };
}

function stoppedFirst(left: Slot, right: Slot): number {
  const running = (slot: Slot): number => Number(slot.wanted.some(isRunning));
  return running(left) - running(right) || left.number - right.number;
}
