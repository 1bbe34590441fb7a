import { found } from "../base/gather.ts";
import type { Task } from "../model/task.ts";
import type { StoreView } from "../store/view.ts";
import { activeTasks, activeTasksOf, type Candidate } from "./candidate.ts";
import type { NodeSet } from "./node-set.ts";
import { branchOf, labelsToSpreadOver } from "./ranking.ts";

/** A task that runs, and the node on which it would rather be. */
export interface Move {
  readonly task: Task;
  readonly nodeId: string;
}

/** Which tasks are already on their way from a node to others. */
export interface Departures {
  of(nodeId: string): number;
  ofService(nodeId: string, serviceId: string): number;
  /** The nodes that tasks of the service are leaving. */
  left(serviceId: string): ReadonlySet<string>;
}

/**
 * True when the scheduler, were the task not yet placed, would put it on `to` and not leave it on
 * `from`: the branches to spread over are more even then, or else the service over the nodes, or
 * else all tasks. Each move so chosen makes the cluster more even, so that there is a last one.
 * That others of its service have failed on `from` is no reason to move a task that runs there.
 *
 * What is still to leave a node counts there when the best place is looked for. So while anything
 * of the service is on its way, a tie is no gain, nor is `to` where a node is left with less.
 */
export function isBetterOff(
  { task, from, to }: { task: Task; from: Candidate; to: Candidate },
  view: StoreView,
  nodes: NodeSet,
  departures: Departures,
): boolean {
  const { serviceId } = task;
  const staying = (node: Candidate): number =>
    activeTasksOf(node, serviceId) - departures.ofService(node.id, serviceId);
  const branches = evenness(task, from, to, nodes, staying);
  if (branches !== 0) return branches < 0;
  const faulty = view.faultyNodes(serviceId, task.specVersion);
  if ((faulty.get(to.id) ?? 0) > (faulty.get(from.id) ?? 0)) return false;
  const left = found(departures.left(serviceId), (id) => nodes.of(id));
  if (left.some((node) => staying(node) < staying(to))) return false;
  const own = staying(to) - (staying(from) - 1);
  if (own === 0 && left.length > 0) return false;
  if (own !== 0) return own < 0;
  return activeTasks(to) < activeTasks(from) - departures.of(from.id) - 1;
}

/** Below 0 when the branches of labels are more even with the task on `to`; 0: no difference. */
function evenness(
  task: Task,
  from: Candidate,
  to: Candidate,
  nodes: NodeSet,
  staying: (node: Candidate) => number,
): number {
  const labels = labelsToSpreadOver(task);
  const [left, right] = [branchOf(labels, from), branchOf(labels, to)];
  const level = left.findIndex((label, at) => label !== right[at]);
  if (level < 0) return 0;
  let difference = 1;
  for (const node of nodes.all()) {
    const branch = branchOf(labels, node);
    if (isWithin(branch, right, level)) difference += staying(node);
    if (isWithin(branch, left, level)) difference -= staying(node);
  }
  return difference;
}

function isWithin(branch: readonly string[], of: readonly string[], level: number): boolean {
  return of.slice(0, level + 1).every((label, at) => branch[at] === label);
}
