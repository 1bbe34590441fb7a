import type { StoreObject } from "./change.ts";
import { type Cluster, defaultClusterSpec } from "./cluster.ts";

/**
 * Versions of this software that may be in one cluster, as feature levels: whole numbers, counted
 * up whenever nodes come to store or to say what older ones cannot read.
 *   1  the first.
 *   2  tasks that move from node to node, and services for which a user has asked for that.
 *   3  tasks that say where their nodes answer for their ports, so that every node does; an engine
 *      timeout other than the default.
 *
 * A node says with its description which level it speaks, and never goes back from it: what its
 * disk holds may be of that level. The leader raises the cluster's level once every node speaks it;
 * before, nothing of that level is stored or said. (CockroachDB's `cluster version` does the same.)
 */
export const newestLevel = 3;

/** The lowest level at which the object can be read. */
export function levelOf(object: StoreObject): number {
  switch (object.kind) {
    case "task":
      return object.status.hostPorts !== undefined ? 3 : object.isMove ? 2 : 1;
    case "service":
      return object.rebalanceRequestedAt !== null ? 2 : 1;
    case "cluster":
      return object.spec.engineTimeout !== defaultClusterSpec.engineTimeout ? 3 : 1;
    default:
      return 1;
  }
}

/** True when all nodes of the cluster can read what is of this level. */
export function speaks(cluster: Cluster | null, level: number): boolean {
  return cluster !== null && cluster.level >= level;
}
