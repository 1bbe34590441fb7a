import { compareText } from "../base/order.ts";
import type { Node } from "../model/node.ts";
import type { Resources } from "../model/resources.ts";
import type { Task } from "../model/task.ts";
import type { StoreView } from "../store/view.ts";

/** A node as the scheduler sees it: what is stored, and what this plan has already put there. */
export interface Candidate {
  readonly node: Node;
  /** Negative when the node shrank below what it runs. */
  free: Resources;
  activeTasks: number;
  readonly activeTasksByService: Map<string, number>;
}

export function candidateOf(view: StoreView, node: Node): Candidate {
  const load = view.loadOf(node.id);
  const { nanoCpus, memoryBytes } = node.description.resources;
  return {
    node,
    free: { nanoCpus: nanoCpus - load.nanoCpus, memoryBytes: memoryBytes - load.memoryBytes },
    activeTasks: load.activeTasks,
    activeTasksByService: new Map(load.activeTasksByService),
  };
}

/** Counts `task` as placed on the candidate. */
export function take(candidate: Candidate, task: Task): void {
  const { nanoCpus, memoryBytes } = task.spec.reservations;
  candidate.free = {
    nanoCpus: candidate.free.nanoCpus - nanoCpus,
    memoryBytes: candidate.free.memoryBytes - memoryBytes,
  };
  candidate.activeTasks += 1;
  const ofService = candidate.activeTasksByService.get(task.serviceId) ?? 0;
  candidate.activeTasksByService.set(task.serviceId, ofService + 1);
}

/** Spread: fewest tasks of the service, then fewest tasks, then id (SwarmKit `nodeLess`). */
export function comparePreference(left: Candidate, right: Candidate, serviceId: string): number {
  const ofService =
    (left.activeTasksByService.get(serviceId) ?? 0) -
    (right.activeTasksByService.get(serviceId) ?? 0);
  return (
    ofService || left.activeTasks - right.activeTasks || compareText(left.node.id, right.node.id)
  );
}
