import { after, minutes, type Timestamp } from "../base/time.ts";
import { defaultClusterSpec } from "../model/cluster.ts";
import type { Service } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";
import { earlier, nothingToDo, type Plan, type PlanContext, transaction } from "../plan/plan.ts";
import { desire, newParkedTask, newTask } from "./new-task.ts";
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
 *   4. A predecessor that is back before `next` was started is kept, and `next` goes.
 */
export function succeed(context: PlanContext, service: Service, slot: Slot): Plan {
  const leaving = slot.wanted.filter((task) => isLeaving(context.view, task));
  const plans = [
    retire(context, slot),
    ...leaving.map((task) => leave(context, service, slot, task)),
    ...slot.wanted.map((next) => takeOver(context, slot, next)),
  ];
  return {
    transactions: plans.flatMap(({ transactions }) => transactions).slice(0, 1),
    wakeAt: plans.reduce((at: Timestamp | null, plan) => earlier(at, plan.wakeAt), null),
  };
}

/** A slot has one transaction at a time: two would change the same task. */
function one(...changes: ReturnType<typeof desire>[]): Plan {
  return { transactions: [transaction("orchestrator", changes)], wakeAt: null };
}

/** Of several tasks of one version that run in a slot, the newest stays that need not leave. */
function retire({ view }: PlanContext, slot: Slot): Plan {
  if (slot.wanted.length < 2) return nothingToDo;
  const serving = slot.wanted.filter((task) => isRunning(task) && !isLost(view, task));
  const staying = serving.filter((task) => !isLeaving(view, task));
  const heir = staying[staying.length - 1];
  const retired = serving.filter((task) => task !== heir && task.specVersion === heir?.specVersion);
  if (retired.length === 0) return nothingToDo;
  return one(...retired.map((task) => desire(task, TaskState.SHUTDOWN)));
}

function leave(context: PlanContext, service: Service, slot: Slot, task: Task): Plan {
  const patienceOver = patienceEnd(context, task);
  const next = slot.wanted.find((other) => other !== task);
  if (patienceOver <= context.now && context.planted !== "D04") {
    const stop = desire(task, TaskState.SHUTDOWN);
    if (next !== undefined) return one(stop);
    return one(stop, newParkedTask(context, service, slot, service.spec.task.restart.delay));
  }
  if (next !== undefined) return { transactions: [], wakeAt: patienceOver };
  const tryAt = nextTry(context, service, slot, task);
  if (tryAt > context.now) return { transactions: [], wakeAt: earlier(tryAt, patienceOver) };
  return one(newTask(context, service, slot, task.restarts, task.id));
}

function patienceEnd({ view }: PlanContext, task: Task): Timestamp {
  const { drain } = view.cluster?.spec ?? defaultClusterSpec;
  const since = view.nodes.get(task.nodeId ?? "")?.availableSince ?? view.time;
  return after(since, drain.patience);
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
  if (isRunning(next)) return nothingToDo;
  if (isLeaving(context.view, old)) return nothingToDo;
  const giveUpAt = after(next.meta.createdAt, moveTimeout);
  const isBack = next.desiredState === TaskState.READY;
  const isVain = next.nodeId !== null && next.nodeId === old.nodeId;
  if (isBack || isVain || giveUpAt <= context.now) return one(desire(next, TaskState.REMOVE));
  return { transactions: [], wakeAt: giveUpAt };
}
