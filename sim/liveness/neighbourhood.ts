import type { Node } from "../../core/model/node.ts";
import type { Task } from "../../core/model/task.ts";
import type { StoreView } from "../../core/store/view.ts";
import { takesRoom } from "../checkers/placement.ts";

/**
 * True when the task may not be put on the node, because of who is there: a service that either
 * won't have beside it, or none of one that it wants.
 */
export function isUnwelcome(view: StoreView, task: Task, { id }: Node): boolean {
  const { affinity, antiAffinity } = task.spec.placement;
  const nameOf = ({ serviceId }: Task) => view.services.get(serviceId)?.spec.name ?? "";
  const others = [...view.tasksOnNode(id).values()].filter(takesRoom);
  const near = new Set(others.map(nameOf));
  const isRefused = others.some(({ spec }) => spec.placement.antiAffinity.includes(nameOf(task)));
  return (
    isRefused ||
    antiAffinity.some((name) => near.has(name)) ||
    affinity.some((name) => !near.has(name))
  );
}
