import { found } from "../base/gather.ts";
import { compareText } from "../base/order.ts";
import { settingsOf } from "../model/cluster.ts";
import { meetsConstraints } from "../model/constraint.ts";
import type { Node } from "../model/node.ts";
import type { Service } from "../model/service.ts";
import { isOfPresentRun, type RejectionReason, type SlotKey, type Task } from "../model/task.ts";
import { isTerminal, isWanted, TaskState } from "../model/task-state.ts";
import { isUnfinished } from "../model/update-config.ts";
import { mountsDrainedVolume } from "../store/cluster-volumes.ts";
import type { StoreView } from "../store/view.ts";
import { isAlike } from "./dirty.ts";
import { hasRoomFor } from "./fitting.ts";

/**
 * One of a service's replicas or of a job's completions, or either on one node where the service is
 * global: the tasks that were tried for it, oldest first. Never empty.
 */
export interface Slot {
  /** From 1; 0 for a global service. */
  readonly number: number;
  /** The node of a global service's slot; null for a replicated one, whose tasks may go about. */
  readonly nodeId: string | null;
  readonly tasks: readonly Task[];
  /** Those that are still wanted. */
  readonly wanted: readonly Task[];
  /**
   * Those that are to stop, those of an earlier slot of this number that is being removed, and
   * those of a job's earlier iterations.
   */
  readonly stopping: readonly Task[];
}

/**
 * The service's slots in ascending order; of a job, those of its present iteration. Slots that are
 * only being removed are left out.
 */
export function slotsOf(view: StoreView, service: Service): Slot[] {
  const tasks = view.tasksBySlot(service.id).values();
  return found(tasks, (each) => slotOfTasks(each, service)).sort(byPlace);
}

/** One of these slots; null when it is not among them, or only being removed. */
export function slotAt(view: StoreView, service: Service, key: SlotKey): Slot | null {
  return slotOfTasks(view.tasksOfSlot(service.id, key), service);
}

/** What the slot is called in its service. */
export function keyOf({ number, nodeId }: Slot): SlotKey {
  return number === 0 ? (nodeId ?? "") : number;
}

/** The slot of these tasks; null when there are none, or it is only being removed. */
function slotOfTasks(unsorted: readonly Task[], service: Service): Slot | null {
  const [first] = unsorted;
  if (first === undefined) return null;
  const { slot: number, desiredState } = first;
  const nodeId = number === 0 ? first.nodeId : null;
  if (unsorted.length === 1 && isWanted(desiredState) && isOfPresentRun(service, first)) {
    return { number, nodeId, tasks: unsorted, wanted: unsorted, stopping: none };
  }
  const all = [...unsorted].sort(byAge);
  const tasks = all.filter(
    (task) => task.desiredState < TaskState.REMOVE && isOfPresentRun(service, task),
  );
  if (tasks.length === 0) return null;
  const wanted = tasks.filter((task) => isWanted(task.desiredState));
  const stopping = all.filter(
    (task) => !isWanted(task.desiredState) || !isOfPresentRun(service, task),
  );
  return { number, nodeId, tasks, wanted, stopping };
}

const none: readonly Task[] = [];

/** True when a wanted task can no longer serve and its slot must be filled again. */
export function isLost(view: StoreView, task: Task): boolean {
  if (isTerminal(task.status.state) || task.preemptedBy !== null) return true;
  if (task.nodeId === null) return false;
  const node = view.nodes.get(task.nodeId);
  if (node === undefined || node.status.state === "down") return true;
  if (node.spec.availability === "drain" && !isLeaving(view, task)) return true;
  return rejectionOf(view, task) !== null;
}

/** Why the task may not stay on its node, which is there; null: it may, for all that is known. */
export function rejectionOf(view: StoreView, task: Task): RejectionReason | null {
  const node = view.nodes.get(task.nodeId ?? "");
  if (node === undefined || node.status.state === "down") return null;
  if (mountsDrainedVolume(view, task)) return "volume";
  return mayStay(view, node, task) ? null : "constraints";
}

/** True when the task ran when its node went down: it may still, and come back with its node. */
export function isOutOfSight(view: Pick<StoreView, "nodes">, task: Task): boolean {
  if (!isRunning(task) || task.nodeId === null) return false;
  return view.nodes.get(task.nodeId)?.status.state === "down";
}

/**
 * True for a task that its drained node gives up only once a replacement runs elsewhere. Ours:
 * SwarmKit stops it first (moby/moby#34139). The task of a global service has no elsewhere, and
 * that of a job must not run twice at the same time.
 */
export function isLeaving(view: StoreView, task: Task): boolean {
  if (task.nodeId === null || task.slot === 0 || !isRunning(task)) return false;
  if (task.jobIteration !== null) return false;
  const node = view.nodes.get(task.nodeId);
  if (node === undefined || node.status.state === "down") return false;
  const { drain } = settingsOf(view.cluster);
  return node.spec.availability === "drain" && drain.order === "start-first";
}

/** Whether the node, as it is now, is one that the task may run on. */
function mayStay(view: StoreView, node: Node, task: Task): boolean {
  if (node.spec.availability !== "active" || node.status.state !== "ready") return true;
  return isMet(view, node, task) && hasRoomFor(view, node, task);
}

/**
 * A task that need not be replaced though the constraints of its service have changed goes by
 * those (SwarmKit `constraintenforcer`), any other by its own. A node that fails new constraints
 * from the first is for the update to leave, one that has changed since is not.
 */
function isMet(view: StoreView, node: Node, task: Task): boolean {
  const isOwnMet = meetsConstraints(node, task.spec.placement.constraints);
  const service = view.services.get(task.serviceId);
  if (service === undefined || !isAlike(service, task)) return isOwnMet;
  if (meetsConstraints(node, service.spec.task.placement.constraints)) return true;
  return (
    isOwnMet && (isUnfinished(service.updateStatus) || node.meta.version <= service.meta.version)
  );
}

/** True once nothing of the task can be running, as far as anyone can know. */
export function isGone(view: StoreView, task: Task): boolean {
  const { state } = task.status;
  if (isTerminal(state) || state < TaskState.ASSIGNED || task.nodeId === null) return true;
  const node = view.nodes.get(task.nodeId);
  return node === undefined || node.status.state === "down";
}

/** True while something of the slot may still be running, whatever is wanted of it. */
export function isBusy(view: StoreView, { id }: Service, slot: SlotKey): boolean {
  return view.tasksOfSlot(id, slot).some((task) => !isGone(view, task));
}

export function isRunning(task: Task): boolean {
  return task.status.state === TaskState.RUNNING;
}

/** The newest task of a slot. */
export function newest(slot: Slot): Task {
  return slot.tasks[slot.tasks.length - 1] as Task;
}

function byPlace(left: Slot, right: Slot): number {
  return left.number - right.number || compareText(left.nodeId ?? "", right.nodeId ?? "");
}

/** Age is the order of Raft entries, which no skewed clock can turn around. */
function byAge(left: Task, right: Task): number {
  return (
    left.meta.createdAt - right.meta.createdAt ||
    left.specVersion - right.specVersion ||
    compareText(left.id, right.id)
  );
}
