import type { Task } from "../../core/model/task.ts";
import type { Volume } from "../../core/model/volume.ts";
import type { Commit } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { isAssignment } from "./placement.ts";

/**
 * A volume of the cluster is on one node, for good: a task that mounts it is given only to that
 * node, or makes its node the volume's.
 */
export class VolumesStay implements Checker {
  readonly name = "volumes-stay";
  readonly source = "SwarmKit scheduler VolumesFilter; CSI access mode single-node";
  checks = 0;
  /** By name. */
  readonly #volumes = new Map<string, Volume>();

  committed(commit: Commit): void {
    for (const { kind, previous, current } of commit.events) {
      if (kind !== "volume") continue;
      if (previous !== null) this.#volumes.delete(previous.spec.name);
      if (current === null) continue;
      this.#volumes.set(current.spec.name, current);
      if (previous !== null) this.#moves(commit, previous, current);
    }
    for (const event of commit.tasks) {
      if (isAssignment(event)) this.#mounts(commit, event.current as Task);
    }
  }

  #moves({ host, isForced }: Commit, from: Volume, to: Volume): void {
    if (from.nodeId === null || from.nodeId === to.nodeId || isForced) return;
    const detail = `the volume ${to.spec.name} moves from ${from.nodeId} to ${to.nodeId}`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }

  #mounts({ host }: Commit, { name, nodeId, spec }: Task): void {
    for (const { kind, source } of spec.container.mounts) {
      if (kind !== "cluster") continue;
      this.checks += 1;
      const volume = this.#volumes.get(source);
      if (volume?.nodeId === nodeId) continue;
      const where = volume === undefined ? "does not exist" : `is on ${volume.nodeId ?? "no node"}`;
      const detail = `${name} is given to ${nodeId}, and its volume ${source} ${where}`;
      throw new BrokenInvariant(this.name, host.name, detail);
    }
  }
}
