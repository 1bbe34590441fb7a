import { after, hours, minutes, type Timestamp, until } from "../base/time.ts";
import { settingsOf } from "../model/cluster.ts";
import type { Service } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";
import {
  atOnce,
  earlier,
  nothingToDo,
  type Plan,
  type PlanContext,
  together,
} from "../plan/plan.ts";
import { isDirty } from "./dirty.ts";
import { desire, newParkedTask, newTask } from "./new-task.ts";
import { countGoingOn } from "./restart.ts";
import { isLeaving, isLost, isRunning, newest, type Slot } from "./slot.ts";

/** A task that was to move to another node and does not run there by then stays where it is. */
const moveTimeout = minutes(1);

/**
 * Hands a slot over from a task that runs to one that is to take its place, without a moment in
 * which none does.
 *
 * Model: `next.replaces` names the task that goes on until `next` runs. It is the task of a node
 * that is drained, or one that is to move to a node with less to do, or one that went out of sight
 * with its node.
 *   1. Once `next` runs, its predecessor is asked to stop.
 *   2. A drained node's task is stopped all the same when the cluster's patience is over.
 *   3. A move that comes to nothing is called off: `next` goes.
 *   4. So it does when its predecessor is back, or its node is drained no more, before it runs.
 *
 * A slot has one transaction at a time: two would change the same task.
 */
export function succeed(context: PlanContext, service: Service, slot: Slot): Plan {
  const leaving = slot.wanted.filter((task) => isLeaving(context.view, task));
  const { transactions, wakeAt } = together([
    retire(context, service, slot),
    ...leaving.map((task) => leave(context, service, slot, task)),
    ...slot.wanted.map((next) => takeOver(context, slot, next)),
  ]);
  return { transactions: transactions.slice(0, 1), wakeAt };
}

/**
 * Of several tasks that run in a slot, the newest stays that need not leave. It is for an update to
 * choose between one that the spec asks for and one that it does not; between two that it does not
 * ask for there is nothing to choose, and a paused update would keep both for good.
 */
function retire({ view, planted }: PlanContext, service: Service, slot: Slot): Plan {
  if (slot.wanted.length < 2) return nothingToDo;
  const serving = slot.wanted.filter((task) => isRunning(task) && !isLost(view, task));
  const staying = serving.filter((task) => !isLeaving(view, task));
  const heir = staying[staying.length - 1];
  if (heir === undefined) return nothingToDo;
  const isClean = (task: Task): boolean => !isDirty(view, service, task);
  const isSame = (task: Task): boolean =>
    task.specVersion === heir.specVersion || isClean(task) === isClean(heir);
  const retired = serving.filter((task) => (task !== heir || planted === "E03") && isSame(task));
  if (retired.every((task) => task === heir)) return nothingToDo;
  return atOnce(
    "orchestrator",
    retired.map((task) => desire(task, TaskState.SHUTDOWN)),
  );
}

function leave(context: PlanContext, service: Service, slot: Slot, task: Task): Plan {
  const patienceOver = patienceEnd(context, task);
  const isOver = patienceOver <= context.now;
  const stops = isOver ? [desire(task, TaskState.SHUTDOWN)] : [];
  if (slot.wanted.some((other) => other !== task)) {
    return isOver ? atOnce("orchestrator", stops) : { transactions: [], wakeAt: patienceOver };
  }
  const tryAt = nextTry(context, service, slot, task);
  const restarts = countGoingOn(service, slot.tasks, context.now);
  if (isOver) {
    const delay = until(context.now, tryAt);
    const next = newParkedTask(context, service, slot, delay, { restarts });
    return atOnce("orchestrator", [...stops, next]);
  }
  if (tryAt > context.now) return { transactions: [], wakeAt: earlier(tryAt, patienceOver) };
  const origin = { restarts, replaces: task.id };
  return atOnce("orchestrator", [newTask(context, service, slot, origin)]);
}

function patienceEnd({ view, planted }: PlanContext, task: Task): Timestamp {
  const { drain } = settingsOf(view.cluster);
  const since = view.nodes.get(task.nodeId ?? "")?.availableSince ?? view.time;
  return after(since, planted === "D04" ? hours(1) : drain.patience);
}

/** A replacement that came to nothing is followed by another as a restart would be. */
function nextTry(context: PlanContext, service: Service, slot: Slot, task: Task): Timestamp {
  const last = newest(slot);
  if (last.replaces !== task.id) return context.now;
  return after(last.status.appliedAt, service.spec.task.restart.delay);
}

function takeOver(context: PlanContext, slot: Slot, next: Task): Plan {
  const old = slot.wanted.find((task) => task.id === next.replaces);
  if (old === undefined || isLost(context.view, old) || isLost(context.view, next)) {
    return nothingToDo;
  }
  if (isRunning(next) || isLeaving(context.view, old)) return nothingToDo;
  const giveUpAt = after(next.meta.createdAt, moveTimeout);
  if (!next.isMove || giveUpAt <= context.now) {
    return atOnce("orchestrator", [desire(next, TaskState.REMOVE)]);
  }
  return { transactions: [], wakeAt: giveUpAt };
}
