import { hostPortKeys } from "../model/claims.ts";
import type { Task } from "../model/task.ts";
import type { Strategy } from "../model/task-spec.ts";
import type { StoreView } from "../store/view.ts";
import { volumeDrivers } from "./filters.ts";
import { clusterVolumes, type placeOf } from "./service-filters.ts";

/**
 * Names the kind of a task: tasks of one kind pass the same node filters on the same nodes, and
 * rank nodes alike but for what their services have there.
 */
export function kindOf(task: Task, strategy: Strategy): string {
  const { reservations, genericReservations, placement, container } = task.spec;
  const amounts = `${strategy} ${reservations.nanoCpus} ${reservations.memoryBytes}`;
  const platforms = placement.platforms.flatMap(({ os, architecture }) => [os, architecture]);
  const generic = [...genericReservations].flatMap(([kind, count]) => [kind, String(count)]);
  const lists = [generic, placement.constraints, platforms];
  const all = [...lists, volumeDrivers(container), hostPortKeys(task.ports)];
  return all.reduce((text, list) => `${text} ${list.length === 0 ? "" : joined(list)}`, amounts);
}

/** Names all that the ranking of nodes for this task follows from, but for the nodes themselves. */
export function ownKindOf(
  task: Task,
  kind: string,
  view: StoreView,
  place: (volume: Parameters<typeof placeOf>[0]) => string | null,
): string {
  const { placement } = task.spec;
  const ids = (names: readonly string[]): string[] =>
    names.map((name) => view.serviceByName(name)?.id ?? "");
  const volumes = clusterVolumes(view, task).map((volume) =>
    volume === undefined
      ? ""
      : `${volume.id} ${place(volume)} ${volume.spec.availability} ${volume.spec.driver}`,
  );
  const own = view.services.get(task.serviceId)?.spec.name ?? "";
  const head = `${kind} ${task.serviceId} ${task.specVersion} ${placement.maxReplicas} ${own}`;
  const related = [ids(placement.affinity), ids(placement.antiAffinity)];
  const lists = [placement.preferences, ...related, volumes];
  return lists.reduce((text, list) => `${text} ${joined(list)}`, head);
}

/** Each text with its length before it, so that no two lists make the same text. */
export function joined(list: readonly string[]): string {
  return `${list.length}${list.map((text) => `;${text.length}:${text}`).join("")}`;
}
