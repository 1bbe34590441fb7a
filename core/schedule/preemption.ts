import { noBug } from "../base/planted.ts";
import type { Node } from "../model/node.ts";
import { mostWorthyFirst, type Task } from "../model/task.ts";
import { isWanted } from "../model/task-state.ts";
import { isCharged, NodeLoads } from "../store/node-load.ts";
import type { Candidate } from "./candidate.ts";
import type { Check, FilterContext } from "./filters.ts";
import { allFilters } from "./ranking.ts";

/** Where a task gets its room from: those who must go; none where enough are going already. */
export interface Clearing {
  readonly node: Candidate;
  readonly victims: readonly Task[];
  /** The node as it will be without them. */
  readonly cleared: Candidate;
}

/**
 * The node on which room can be made for `task` at the least cost: the highest priority among its
 * victims is the lowest, then they are the fewest, then its id is the lowest. Null: on none, even
 * if all tasks of lower priority were to go. Ours; the rule is that of Kubernetes' preemption.
 *
 * What has been asked to stop counts as gone. Who is next to a service that the task will not have
 * beside it is not asked to go for that.
 */
export function cheapestClearing(
  task: Task,
  nodes: Iterable<Candidate>,
  context: FilterContext,
): Clearing | null {
  const checks = allFilters.map(({ prepare }) => prepare(task, context));
  let best: Clearing | null = null;
  for (const candidate of nodes) {
    const clearing = clearingOf(candidate, task, checks, context);
    if (clearing !== null && (best === null || isCheaper(clearing, best))) best = clearing;
  }
  return best;
}

/** Who must go, the fewest and least of them that will do; null where that does not help. */
function clearingOf(
  candidate: Candidate,
  task: Task,
  checks: readonly (Check | null)[],
  { view, planted }: FilterContext,
): Clearing | null {
  const { node } = candidate;
  if (node === null) return null;
  const staying = [...view.tasksOnNode(node.id).values()].filter((each) => stays(each));
  const yields = ({ spec }: Task): boolean =>
    spec.priority < task.spec.priority ||
    (planted === "S20" && spec.priority === task.spec.priority);
  const loads = new NodeLoads(noBug);
  for (const other of staying) if (!yields(other)) loads.count(other, 1);
  const cleared = (): Candidate => ({ ...candidate, load: loads.of(node.id) });
  const fits = (): boolean => passes(cleared(), node, checks);
  if (!fits()) return null;
  const victims = staying
    .filter(yields)
    .sort(mostWorthyFirst)
    .filter((other) => {
      loads.count(other, 1);
      if (fits()) return false;
      loads.count(other, -1);
      return true;
    });
  return { node: candidate, victims, cleared: cleared() };
}

/** True of a task that takes room and has not been asked to give it up. */
function stays(task: Task): boolean {
  return isCharged(task) && isWanted(task.desiredState) && task.preemptedBy === null;
}

function passes(candidate: Candidate, node: Node, checks: readonly (Check | null)[]): boolean {
  return checks.every((check) => check === null || check(candidate, node));
}

function isCheaper(left: Clearing, right: Clearing): boolean {
  const difference =
    highest(left.victims) - highest(right.victims) || left.victims.length - right.victims.length;
  return difference < 0 || (difference === 0 && left.node.id < right.node.id);
}

function highest(victims: readonly Task[]): number {
  return victims.reduce((most, { spec }) => Math.max(most, spec.priority), -Number.MAX_VALUE);
}
