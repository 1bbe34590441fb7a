import type { Node } from "../../core/model/node.ts";
import type { Task } from "../../core/model/task.ts";
import { isWanted } from "../../core/model/task-state.ts";
import { takesRoom } from "./placement.ts";

/** Of each thing how much: processors, bytes, a kind of generic resource, or one with a name. */
type Amounts = ReadonlyMap<string, number>;

/**
 * The tasks for which their node has become too small: the most important ones stay, of the same
 * priority the oldest, and what fits beside them (SwarmKit `constraintenforcer`). Judged without
 * the code of core that decides it. What is to stop anyway counts for nothing.
 */
export function crowdedOut(node: Node, tasks: Iterable<Task>): Task[] {
  const free = new Map(amountsOf(node));
  const staying = [...tasks].filter((task) => takesRoom(task) && isWanted(task.desiredState));
  return staying.sort(moreImportant).filter((task) => {
    const needs = needsOf(task);
    const isCrowded = [...needs].some(([what, count]) => count > (free.get(what) ?? 0));
    if (isCrowded) return true;
    for (const [what, count] of needs) free.set(what, (free.get(what) ?? 0) - count);
    return false;
  });
}

/**
 * True when the node has what the task reserves beside those that take room there. A node that is
 * short of processors or memory takes only what reserves nothing (SwarmKit `ResourceFilter`).
 */
export function hasRoomFor(node: Node, there: readonly Task[], { spec }: Task): boolean {
  const { nanoCpus, memoryBytes } = spec.reservations;
  const kinds = [...spec.genericReservations];
  if (nanoCpus === 0 && memoryBytes === 0 && kinds.length === 0) return true;
  const { resources, genericResources } = node.description;
  const sum = (of: (task: Task) => number) => there.reduce((total, task) => total + of(task), 0);
  const cpus = sum((task) => task.spec.reservations.nanoCpus) + nanoCpus;
  const bytes = sum((task) => task.spec.reservations.memoryBytes) + memoryBytes;
  if (cpus > resources.nanoCpus || bytes > resources.memoryBytes) return false;
  return kinds.every(([kind, count]) => {
    const has = genericResources.get(kind);
    if (has === undefined) return count === 0;
    const given = there.flatMap((task) => task.assignedResources.get(kind) ?? []);
    if (has.kind === "named") return has.ids.filter((id) => !given.includes(id)).length >= count;
    return sum((task) => task.spec.genericReservations.get(kind) ?? 0) + count <= has.count;
  });
}

function amountsOf({ description: { resources, genericResources } }: Node): Amounts {
  const generic = [...genericResources].flatMap(([kind, has]): [string, number][] =>
    has.kind === "named" ? has.ids.map((id) => [`${kind}=${id}`, 1]) : [[kind, has.count]],
  );
  return new Map([
    ["processors", resources.nanoCpus],
    ["bytes", resources.memoryBytes],
    ...generic,
  ]);
}

function needsOf({ spec, assignedResources }: Task): Amounts {
  const generic = [...spec.genericReservations].flatMap(([kind, count]): [string, number][] => {
    const ids = assignedResources.get(kind);
    return ids === undefined ? [[kind, count]] : ids.map((id) => [`${kind}=${id}`, 1]);
  });
  const { nanoCpus, memoryBytes } = spec.reservations;
  return new Map([["processors", nanoCpus], ["bytes", memoryBytes], ...generic]);
}

function moreImportant(left: Task, right: Task): number {
  const priority = right.spec.priority - left.spec.priority;
  const age = left.meta.createdAt - right.meta.createdAt;
  return priority || age || (left.id < right.id ? -1 : 1);
}
