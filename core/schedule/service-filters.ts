import { isOfCluster } from "../model/mount.ts";
import { hasVolumeDriver } from "../model/plugin.ts";
import type { Task } from "../model/task.ts";
import type { Volume } from "../model/volume.ts";
import { clusterVolumes } from "../store/cluster-volumes.ts";
import { isCharged } from "../store/node-load.ts";
import type { StoreView } from "../store/view.ts";
import { activeTasksOf, isExcluded } from "./candidate.ts";
import { type Check, countOf, type Filter, type FilterContext } from "./filters.ts";

/**
 * Those that depend on what a task's service has on the nodes. The first two are SwarmKit's;
 * affinities are ours. Affinity counts tasks that are wanted; anti-affinity counts all that may
 * still run, and holds both ways: who will not have a service next to it isn't put next to it.
 */
export const serviceFilters: readonly Filter[] = [
  {
    prepare: maxReplicas,
    explain: () => "max replicas per node limit exceed",
  },
  {
    prepare: volumes,
    explain: (nodes) => `cannot fulfill requested volumes on ${countOf(nodes)}`,
  },
  {
    prepare: affinity,
    explain: (nodes) => `service affinity not satisfied on ${countOf(nodes)}`,
  },
  {
    prepare: antiAffinity,
    explain: (nodes) => `service anti-affinity not satisfied on ${countOf(nodes)}`,
  },
];

function maxReplicas({ spec, serviceId }: Task, { planted }: FilterContext): Check | null {
  const most = spec.placement.maxReplicas;
  return most === 0 || planted === "S14"
    ? null
    : (candidate) => activeTasksOf(candidate, serviceId) < most;
}

/** Where the volume's content is, or will be once this turn is committed. */
export function nodeOfVolume(volume: Volume, bound: FilterContext["bound"]): string | null {
  return volume.nodeId ?? bound.get(volume.id) ?? null;
}

const none: readonly Volume[] = [];

/** The volumes that get their place with the task. */
export function unboundVolumes(
  view: StoreView,
  task: Task,
  bound: FilterContext["bound"],
): readonly Volume[] {
  if (!task.spec.container.mounts.some(isOfCluster)) return none;
  const known = clusterVolumes(view, task).filter((volume) => volume !== undefined);
  return [...new Set(known)].filter((volume) => nodeOfVolume(volume, bound) === null);
}

function volumes(task: Task, { view, bound, planted }: FilterContext): Check | null {
  const wanted = clusterVolumes(view, task);
  if (wanted.length === 0 || planted === "S12") return null;
  const known = wanted.filter((volume) => volume !== undefined);
  const isActive = known.every(({ spec }) => spec.availability === "active");
  if (!isActive || known.length < wanted.length) return () => false;
  const places = known
    .map((volume) => nodeOfVolume(volume, bound))
    .filter((place) => place !== null);
  return (candidate, node) =>
    places.every((place) => place === candidate.id) &&
    known.every(({ spec }) => hasVolumeDriver(node, spec.driver));
}

function affinity({ spec }: Task, { view }: FilterContext): Check | null {
  if (spec.placement.affinity.length === 0) return null;
  const ids = spec.placement.affinity.map((name) => view.named("service", name)?.id);
  return (candidate) => ids.every((id) => id !== undefined && activeTasksOf(candidate, id) > 0);
}

function antiAffinity({ spec, serviceId }: Task, { view }: FilterContext): Check | null {
  const ids = new Set(spec.placement.antiAffinity.map((name) => view.named("service", name)?.id));
  const own = view.services.get(serviceId)?.spec.name;
  return (candidate) => {
    if (own !== undefined && isExcluded(candidate, own)) return false;
    if (ids.size === 0) return true;
    for (const id of candidate.planned.activeTasksByService.keys()) if (ids.has(id)) return false;
    for (const task of view.tasksOnNode(candidate.id).values()) {
      if (ids.has(task.serviceId) && isCharged(task)) return false;
    }
    return true;
  };
}
