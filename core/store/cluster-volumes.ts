import { isOfCluster } from "../model/mount.ts";
import type { Task } from "../model/task.ts";
import type { Volume } from "../model/volume.ts";
import { isCharged } from "./node-load.ts";
import type { StoreView } from "./view.ts";

/** The cluster's volumes that a task mounts; undefined for a name that no volume has. */
export function clusterVolumes(view: StoreView, task: Task): (Volume | undefined)[] {
  const mounts = task.spec.container.mounts.filter(isOfCluster);
  return mounts.map((mount) => view.named("volume", mount.source));
}

/**
 * True when the task must give up a volume that is drained (SwarmKit `volumeenforcer`). A task that
 * the scheduler has not put anywhere yet is the scheduler's to judge.
 */
export function mountsDrainedVolume(view: StoreView, task: Task): boolean {
  if (!task.spec.container.mounts.some(isOfCluster) || !isCharged(task)) return false;
  return clusterVolumes(view, task).some((volume) => volume?.spec.availability === "drain");
}
