import { sortedText } from "../base/order.ts";
import { type Duration, ms, until } from "../base/time.ts";
import { meetsConstraints } from "../model/constraint.ts";
import { type Node, takesTasks } from "../model/node.ts";
import { meetsPlatforms } from "../model/platform.ts";
import type { Service } from "../model/service.ts";
import { noRestarts, type RestartCount, type SlotKey, type Task } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";
import { atOnce, nothingToDo, type Plan, type PlanContext } from "../plan/plan.ts";
import { isDirty } from "./dirty.ts";
import { desire, giveUp, newParkedTask, newTask } from "./new-task.ts";
import { countAfter, endedByItself, mayRestart, restartDelay } from "./restart.ts";
import { isBusy, isOutOfSight, newest, type Slot, slotAt } from "./slot.ts";
import { promote, tend } from "./tend.ts";

/**
 * A node, as a service that has one slot on each node sees it.
 *
 * Open: it is to have a task. Held: it keeps the one it has and gets no other, since it is paused,
 * or a new leader has yet to hear of it, or it is down and its task may still run. Closed: its task
 * is to stop, since the node is drained or not one that the service may run on, or is down and
 * what it had is not to go on there; what a paused node was changed to closes it only when the
 * service is changed next, or the node is active again. Gone: it is no longer in the cluster.
 */
export interface TargetNode {
  readonly nodeId: string;
  readonly access: "open" | "held" | "closed" | "gone";
  /** Null: nothing has been tried there. */
  readonly slot: Slot | null;
}

/** Every node, and every one that has gone and left tasks behind, by id. */
export function targetNodes(context: PlanContext, service: Service): TargetNode[] {
  const { view } = context;
  const keys = new Set([...view.tasksBySlot(service.id).keys(), ...view.nodes.keys()]);
  return targetNodesAt(context, service, [...keys]);
}

/** One of these nodes, whether anything of the service was tried there or not. */
function targetNodeAt(context: PlanContext, service: Service, nodeId: string): TargetNode {
  const { view } = context;
  const node = view.nodes.get(nodeId);
  const slot = slotAt(view, service, nodeId);
  const access = node === undefined ? "gone" : accessTo(context, service, node, slot);
  return { nodeId, access, slot };
}

/** The nodes of these slots: those that are gone come first, then by id. */
export function targetNodesAt(
  context: PlanContext,
  service: Service,
  keys: readonly SlotKey[],
): TargetNode[] {
  const targets = sortedText(keys.map(String)).map((nodeId) =>
    targetNodeAt(context, service, nodeId),
  );
  const isGoneNode = ({ access }: TargetNode): boolean => access === "gone";
  return [...targets.filter(isGoneNode), ...targets.filter((target) => !isGoneNode(target))];
}

/**
 * Brings one node's slot to what its access asks for. The slot of an open node is always filled on
 * the same node again, unless its restart policy has given it up.
 */
export function settle(context: PlanContext, service: Service, target: TargetNode): Plan {
  const { access, slot } = target;
  if (access === "gone") return slot === null ? nothingToDo : stop(slot.tasks, TaskState.REMOVE);
  if (access === "closed") {
    const wanted = slot?.wanted ?? [];
    if (wanted.length === 0) return nothingToDo;
    return atOnce(
      "orchestrator",
      wanted.map((task) => giveUp(context, task)),
    );
  }
  if (slot !== null && slot.wanted.length > 0) {
    return access === "open" ? tend(context, service, slot) : promote(context, service, slot);
  }
  if (access === "held" || (slot !== null && isGivenUp(context, slot))) return nothingToDo;
  return fill(context, service, target);
}

/** Asks those of `tasks` to stop that were not asked before. */
export function stop(tasks: readonly Task[], desired: TaskState): Plan {
  if (tasks.length === 0) return nothingToDo;
  const stops = tasks.map((task) => desire(task, desired));
  return atOnce("orchestrator", stops);
}

/** True when nothing is to be started in the slot before the service is changed. */
export function isGivenUp(context: PlanContext, slot: Slot): boolean {
  const last = newest(slot);
  return slot.wanted.length === 0 && endedByItself(last) && !mayRestart(context, slot, last);
}

/**
 * What was stopped on the node before must be gone first. Had it failed by itself meanwhile, its
 * replacement waits as any other does; was it still waiting itself, for the rest of that.
 */
function fill(context: PlanContext, service: Service, target: TargetNode): Plan {
  const slot = { number: 0, nodeId: target.nodeId };
  const restarts =
    target.slot === null ? noRestarts : countAfter(service, newest(target.slot), context.now);
  const delay = delayAfter(context, service, target.slot, restarts);
  const task =
    isBusy(context.view, service, target.nodeId) || delay > 0
      ? newParkedTask(context, service, slot, delay, { restarts })
      : newTask(context, service, slot, { restarts });
  return atOnce("orchestrator", [task]);
}

function delayAfter(
  { now }: PlanContext,
  service: Service,
  slot: Slot | null,
  { isAttempt, failuresInRow }: RestartCount,
): Duration {
  if (isAttempt) return restartDelay(service.spec.task.restart, failuresInRow);
  const startAt = slot === null ? now : newest(slot).startAt;
  return startAt > now ? until(now, startAt) : ms(0);
}

function accessTo(
  context: PlanContext,
  service: Service,
  node: Node,
  slot: Slot | null,
): TargetNode["access"] {
  const { placement } = service.spec.task;
  if (node.spec.availability === "drain") return "closed";
  const isMet =
    meetsConstraints(node, placement.constraints) &&
    meetsPlatforms(node.description.platform, placement.platforms);
  if (!isMet && context.planted !== "G01") return isLeftAlone(service, node) ? "held" : "closed";
  if (node.status.state === "down") return isAwaited(context, service, slot) ? "held" : "closed";
  if (context.planted === "D02" && node.spec.availability === "pause") return "closed";
  const isUnheard = node.status.state === "unknown" && node.spec.availability === "active";
  if (context.planted === "E04" && isUnheard) return "closed";
  return takesTasks(node) ? "open" : "held";
}

/**
 * True of the slot of a node that is down, whose one task ran and is what the service asks for:
 * nothing else takes its place, and it may come back with its node. SwarmKit stops it, so that who
 * is called down for a moment starts all global services anew.
 */
function isAwaited({ view, planted }: PlanContext, service: Service, slot: Slot | null): boolean {
  const [task, ...others] = slot?.wanted ?? [];
  if (task === undefined || others.length > 0 || planted === "E07") return false;
  return isOutOfSight(view, task) && !isDirty(view, service, task);
}

/**
 * True of a paused node that was changed since the service was. SwarmKit too looks at paused nodes
 * when it goes through a service's (`orchestrator/global`), but not when one of them has changed.
 */
function isLeftAlone({ meta }: Service, node: Node): boolean {
  return node.spec.availability === "pause" && node.meta.version > meta.version;
}
