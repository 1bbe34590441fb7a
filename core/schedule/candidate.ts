import type { Node } from "../model/node.ts";
import { idle, type LoadTable, type NodeLoad } from "../store/node-load.ts";

/** A node as the scheduler sees it: what is stored, and what this turn has already put there. */
export interface Candidate {
  readonly id: string;
  /** Its place in lists of candidates; never another node's. */
  readonly seat: number;
  /** Null once it has left the cluster. */
  node: Node | null;
  load: NodeLoad;
  /** Of tasks whose assignment is not yet committed. */
  planned: NodeLoad;
  /** The number of its last change in the journal of its `NodeSet`. */
  changedAt: number;
}

export function candidateOf(node: Node, seat: number, load: NodeLoad): Candidate {
  return { id: node.id, seat, node, load, planned: idle, changedAt: -1 };
}

export function activeTasks({ load, planned }: Candidate): number {
  return load.activeTasks + planned.activeTasks;
}

export function activeTasksOf({ load, planned }: Candidate, serviceId: string): number {
  const stored = load.activeTasksByService.get(serviceId) ?? 0;
  return stored + (planned.activeTasksByService.get(serviceId) ?? 0);
}

/** The count of one thing in one of the load's tables. */
export function countIn({ load, planned }: Candidate, table: LoadTable, key: string): number {
  return (load[table].get(key) ?? 0) + (planned[table].get(key) ?? 0);
}

/** True when a task on the node will have no task of the service, by name, next to it. */
export function isExcluded(candidate: Candidate, service: string): boolean {
  const { load, planned } = candidate;
  if (load.excludedServices.size === 0 && planned.excludedServices.size === 0) return false;
  return countIn(candidate, "excludedServices", service) > 0;
}

/** The ids of one kind of named resource that no task holds, as the node lists them. */
export function freeIds(candidate: Candidate, kind: string): string[] {
  const has = candidate.node?.description.genericResources.get(kind);
  if (has?.kind !== "named") return [];
  return has.ids.filter((id) => countIn(candidate, "namedResources", `${kind}=${id}`) === 0);
}

/**
 * How full the node is: the shares of its processors and of its memory that are set aside, in
 * millionths, added up (Docker's standalone Swarm weighed nodes so for `binpack`).
 */
export function fullness({ node, load, planned }: Candidate): number {
  if (node === null) return 0;
  const { nanoCpus, memoryBytes } = node.description.resources;
  return (
    share(load.nanoCpus + planned.nanoCpus, nanoCpus) +
    share(load.memoryBytes + planned.memoryBytes, memoryBytes)
  );
}

function share(used: number, total: number): number {
  return total === 0 ? 0 : Math.floor((used / total) * 1_000_000);
}
