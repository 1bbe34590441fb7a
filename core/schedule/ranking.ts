import { isLabel, labelOf } from "../model/constraint.ts";
import type { Task } from "../model/task.ts";
import type { Strategy } from "../model/task-spec.ts";
import { activeTasks, activeTasksOf, type Candidate, fullness } from "./candidate.ts";
import { type FilterContext, nodeFilters } from "./filters.ts";
import type { Rank, Ranking } from "./order.ts";
import { serviceFilters } from "./service-filters.ts";

/** All filters, in the order in which they are asked. */
export const allFilters = [...nodeFilters, ...serviceFilters];

const nowhere: readonly string[] = [];

/** How all tasks of one kind rank nodes where their services have nothing yet. */
export function sharedRanking(task: Task, strategy: Strategy, context: FilterContext): Ranking {
  return {
    checks: nodeFilters.map(({ prepare }) => prepare(task, context)),
    rank: (candidate, into) => rankNode(strategy, candidate, 0, into),
    branch: () => nowhere,
    tasks: () => 0,
  };
}

/**
 * How the tasks of one service's spec rank nodes (SwarmKit `nodeLess`): those where the spec failed
 * five times of late come last; then, to spread, the fewest tasks of the service and the fewest of
 * all, or to pack, the fullest.
 */
export function ownRanking(task: Task, strategy: Strategy, context: FilterContext): Ranking {
  const { serviceId, specVersion } = task;
  const { view, planted } = context;
  const faulty = planted === "S19" ? new Map() : view.faultyNodes(serviceId, specVersion);
  const labels = planted === "S18" ? [] : labelsToSpreadOver(task);
  const tasks = (candidate: Candidate) => activeTasksOf(candidate, serviceId);
  return {
    checks: allFilters.map(({ prepare }) => prepare(task, context)),
    rank: (candidate, into) => {
      into.first = faulty.get(candidate.id) ?? 0;
      rankNode(strategy, candidate, tasks(candidate), into);
    },
    branch: (candidate) => branchOf(labels, candidate),
    tasks,
  };
}

/** The labels to spread the task's service over, the outermost first. */
export function labelsToSpreadOver({ spec }: Task): readonly string[] {
  return spec.placement.preferences.filter((label) => isLabel(label.toLowerCase()));
}

/** The node's values of these labels. */
export function branchOf(labels: readonly string[], { node }: Candidate): readonly string[] {
  return node === null ? nowhere : labels.map((label) => labelOf(node, label) ?? "");
}

function rankNode(strategy: Strategy, candidate: Candidate, tasks: number, into: Rank): void {
  const active = activeTasks(candidate);
  into.second = strategy === "spread" ? tasks : -fullness(candidate);
  into.third = strategy === "spread" ? active : -active;
}

/** The filter that refuses the one node to the task, none before it doing so; -1: none does. */
export function refusingFilter(candidate: Candidate, task: Task, context: FilterContext): number {
  const { node } = candidate;
  if (node === null) return 0;
  return allFilters.findIndex(({ prepare }) => {
    const check = prepare(task, context);
    return check !== null && !check(candidate, node);
  });
}

/** Why no node will do, in SwarmKit's words, the most frequent reason first. */
export function explanation(refusals: readonly number[]): string {
  return refusals
    .map((nodes, at) => ({ nodes, at }))
    .filter(({ nodes }) => nodes > 0)
    .sort((left, right) => right.nodes - left.nodes || left.at - right.at)
    .map(({ nodes, at }) => allFilters[at]?.explain(nodes))
    .join("; ");
}
