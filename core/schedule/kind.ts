import { hostPortKeys } from "../model/claims.ts";
import { isOfCluster } from "../model/mount.ts";
import { logDriverOf, type Task } from "../model/task.ts";
import type { Strategy } from "../model/task-spec.ts";
import { clusterVolumes } from "../store/cluster-volumes.ts";
import type { StoreView } from "../store/view.ts";
import { volumeDrivers } from "./filters.ts";
import type { nodeOfVolume } from "./service-filters.ts";

/**
 * Names the kind of a task: tasks of one kind pass the same node filters on the same nodes, and
 * rank nodes alike except for what their services have there.
 */
export function kindOf(task: Task, strategy: Strategy): string {
  const { reservations, genericReservations, placement, container } = task.spec;
  let text = `${strategy} ${reservations.nanoCpus} ${reservations.memoryBytes}`;
  if (genericReservations.size > 0) {
    text += ` g${joined([...genericReservations].flatMap(([kind, count]) => [kind, `${count}`]))}`;
  }
  if (placement.constraints.length > 0) text += ` c${joined(placement.constraints)}`;
  if (placement.platforms.length > 0) {
    text += ` p${joined(placement.platforms.flatMap((each) => [each.os, each.architecture]))}`;
  }
  const logDriver = logDriverOf(task);
  if (logDriver !== null) text += ` l${joined([logDriver.name])}`;
  if (container.mounts.length > 0) text += ` d${joined(volumeDrivers(container))}`;
  return task.ports.length > 0 ? `${text} h${joined(hostPortKeys(task.ports))}` : text;
}

/** Names all that the ranking of nodes for this task follows from, except the nodes themselves. */
export function ownKindOf(
  task: Task,
  kind: string,
  view: StoreView,
  place: (volume: Parameters<typeof nodeOfVolume>[0]) => string | null,
): string {
  const { placement, container } = task.spec;
  const { maxReplicas, preferences, affinity, antiAffinity } = placement;
  const ids = (names: readonly string[]): string =>
    joined(names.map((name) => view.named("service", name)?.id ?? ""));
  const own = view.services.get(task.serviceId)?.spec.name ?? "";
  let text = `${kind} ${task.serviceId} ${task.specVersion} ${maxReplicas} ${own}`;
  if (preferences.length > 0) text += ` s${joined(preferences)}`;
  if (affinity.length > 0) text += ` a${ids(affinity)}`;
  if (antiAffinity.length > 0) text += ` n${ids(antiAffinity)}`;
  if (!container.mounts.some(isOfCluster)) return text;
  const volumes = clusterVolumes(view, task).map((volume) =>
    volume === undefined
      ? ""
      : `${volume.id} ${place(volume)} ${volume.spec.availability} ${volume.spec.driver}`,
  );
  return `${text} v${joined(volumes)}`;
}

/** Each text with its length before it, so that no two lists make the same text. */
function joined(list: readonly string[]): string {
  return `${list.length}${list.map((text) => `;${text.length}:${text}`).join("")}`;
}
