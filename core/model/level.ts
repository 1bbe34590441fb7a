import { bytesOfBase64 } from "../base/base64.ts";
import { isEqual } from "../base/equal.ts";
import type { StoreObject } from "./change.ts";
import { type Cluster, defaultClusterSpec } from "./cluster.ts";
import type { ContainerSpec } from "./container-spec.ts";
import { hasKey } from "./external-ca.ts";
import { type Mount, noMountOptions } from "./mount.ts";
import type { NodeDescription } from "./node.ts";
import { defaultOverlaySettings } from "./overlay.ts";
import type { TaskSpec } from "./task-spec.ts";
import { isNewTemplate, textsOf } from "./template.ts";

/**
 * Versions of this software that may be in one cluster, as feature levels: whole numbers, counted
 * up whenever nodes come to store or to say what older ones cannot read.
 *   1  the first.
 *   2  tasks that move from node to node, and services for which a user has asked for that.
 *   3  tasks that say where their nodes answer for their ports, so that every node does; an engine
 *      timeout other than the default; what confines a container, how soon it goes when memory is
 *      short, checks while it starts, more options of mounts, images as mounts, files with
 *      placeholders, networks with addresses of the user's choice.
 *   4  networks between the nodes; nodes that say at which port others reach them; labels of the
 *      cluster and its log driver; options of a task's place in a network; placeholders with
 *      conditions, pipes and the service's labels.
 *   5  authorities outside the cluster, and roots whose keys are only there.
 *   6  roots that were replaced, and what they say of those that came after them.
 *   7  a heartbeat period that was cut a short time ago.
 *
 * A node says with its description which level it speaks, and never goes back from it: what its
 * disk holds may be of that level. The leader raises the cluster's level once every node speaks it;
 * before, nothing of that level is stored or said. (CockroachDB's `cluster version` does the same.)
 */
export const newestLevel = 7;

/** The lowest level at which the object can be read. */
export function levelOf(object: StoreObject): number {
  switch (object.kind) {
    case "task":
      if (object.networks.some(({ overlay }) => overlay !== null)) return 4;
      if (object.logDriver !== undefined || object.serviceLabels !== undefined) return 4;
      if (isOptioned(object.spec)) return 4;
      return object.status.hostPorts !== undefined ? 3 : object.isMove ? 2 : 1;
    case "node":
      return object.description.remoteApiPort !== undefined ? 4 : 1;
    case "service":
      if (isOptioned(object.spec.task)) return 4;
      if (textsOf(object.spec.task.container).some(isNewTemplate)) return 4;
      if (isNew(object.spec.task.container)) return 3;
      return object.rebalanceRequestedAt !== null ? 2 : 1;
    case "secret":
    case "config":
      if (object.spec.templating === undefined) return 1;
      return isNewTemplate(bytesOfBase64(object.spec.data)) ? 4 : 3;
    case "network":
      if (object.overlay !== null) return 4;
      return object.spec.enableIpv6 || object.spec.subnets.length > 0 ? 3 : 1;
    case "cluster":
      if (object.slowBeatsUntil > 0) return 7;
      if ((object.ca?.formerRoots.length ?? 0) > 0) return 6;
      if (object.spec.externalCas.length > 0 || !holdsItsKeys(object)) return 5;
      if (!isEqual(object.overlays, defaultOverlaySettings)) return 4;
      if (object.spec.labels.size > 0 || object.spec.logDriver !== null) return 4;
      return object.spec.engineTimeout !== defaultClusterSpec.engineTimeout ? 3 : 1;
    default:
      return 1;
  }
}

function holdsItsKeys({ ca }: Cluster): boolean {
  const roots = [ca?.root ?? null, ca?.rotation?.root ?? null];
  return roots.every((root) => root === null || hasKey(root));
}

function isOptioned({ networks }: TaskSpec): boolean {
  return networks.some(({ driverOptions }) => driverOptions !== undefined);
}

function isNew({ oomScoreAdj, privileges, health, mounts }: ContainerSpec): boolean {
  if (oomScoreAdj !== undefined || privileges !== undefined) return true;
  return health?.startInterval !== undefined || mounts.some(isNewMount);
}

function isNewMount({ kind, options = noMountOptions }: Mount): boolean {
  if (kind === "image" || options.subpath !== "" || options.tmpfsOptions.length > 0) return true;
  const { createMountpoint, readOnlyNonRecursive, readOnlyForceRecursive } = options;
  return createMountpoint || readOnlyNonRecursive || readOnlyForceRecursive;
}

/** True when all nodes of the cluster can read what is of this level. */
export function speaks(cluster: Cluster | null, level: number): boolean {
  return cluster !== null && cluster.level >= level;
}

/** Why a node that is older than what the others say to one another must stay out; or null. */
export function tooOldFor(
  cluster: Cluster | null,
  id: string,
  { level }: NodeDescription,
): string | null {
  if (cluster === null || level >= cluster.level) return null;
  return `node ${id} is too old for this swarm (level ${level}): start a newer version`;
}

/** What of it all nodes of the cluster can read. */
export function spokenOf(cluster: Cluster | null, said: NodeDescription): NodeDescription {
  if (said.remoteApiPort === undefined || speaks(cluster, 4)) return said;
  const { remoteApiPort: _, ...rest } = said;
  return rest;
}
