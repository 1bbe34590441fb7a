import { compareText } from "../base/order.ts";
import { isInvalidNode } from "../model/node.ts";
import type { Service } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import { isTerminal, TaskState } from "../model/task-state.ts";
import type { StoreView } from "../store/view.ts";

/** One of a service's replicas: the tasks that were tried for it, oldest first. Never empty. */
export interface Slot {
  readonly number: number;
  readonly tasks: readonly Task[];
  /** Those that are still wanted: desired RUNNING or below. */
  readonly wanted: readonly Task[];
  /** Those that are to stop, and those of an earlier slot of this number that is being removed. */
  readonly stopping: readonly Task[];
}

/** The service's slots in ascending order. Slots that are only being removed are left out. */
export function slotsOf(view: StoreView, service: Service): Slot[] {
  const sorted = [...view.tasksOfService(service.id).values()].sort(bySlotAndAge);
  return [...groupBySlot(sorted)].flatMap(([number, all]) => {
    const tasks = all.filter((task) => task.desiredState < TaskState.REMOVE);
    if (tasks.length === 0) return [];
    const wanted = tasks.filter((task) => task.desiredState <= TaskState.RUNNING);
    const stopping = all.filter((task) => task.desiredState > TaskState.RUNNING);
    return [{ number, tasks, wanted, stopping }];
  });
}

/** The tasks of each slot number, as they come. */
export function groupBySlot(tasks: readonly Task[]): Map<number, Task[]> {
  const groups = new Map<number, Task[]>();
  for (const task of tasks) {
    const group = groups.get(task.slot);
    if (group === undefined) groups.set(task.slot, [task]);
    else group.push(task);
  }
  return groups;
}

/** True when a wanted task can no longer serve and its slot must be filled again. */
export function isLost(view: StoreView, task: Task): boolean {
  if (isTerminal(task.status.state)) return true;
  return task.nodeId !== null && isInvalidNode(view.nodes.get(task.nodeId));
}

/** True once nothing of the task can be running, as far as anyone can know. */
export function isGone(view: StoreView, task: Task): boolean {
  if (isTerminal(task.status.state) || task.nodeId === null) return true;
  const node = view.nodes.get(task.nodeId);
  return node === undefined || node.status.state === "down";
}

export function isRunning(task: Task): boolean {
  return task.status.state === TaskState.RUNNING;
}

/** The newest task of a slot. */
export function newest(slot: Slot): Task {
  return slot.tasks[slot.tasks.length - 1] as Task;
}

/** Age is the order of Raft entries, which no skewed clock can turn around. */
function bySlotAndAge(left: Task, right: Task): number {
  return (
    left.slot - right.slot ||
    left.meta.createdAt - right.meta.createdAt ||
    left.specVersion - right.specVersion ||
    compareText(left.id, right.id)
  );
}
