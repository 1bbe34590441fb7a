import { type Node, takesTasks } from "../../core/model/node.ts";
import type { Service } from "../../core/model/service.ts";
import type { Task } from "../../core/model/task.ts";
import { isUnfinished } from "../../core/model/update-config.ts";
import type { Volume } from "../../core/model/volume.ts";
import { isMeantFor } from "../liveness/wanted.ts";
import { isOther } from "./outdated.ts";
import { crowdedOut } from "./room.ts";
import { brokenConstraint } from "./suitability.ts";

/** True when nothing new begins on the node (SwarmKit `orchestrator.InvalidNode`). */
export function isInvalidNode(node: Node | undefined): boolean {
  if (node === undefined) return true;
  return node.status.state === "down" || node.spec.availability === "drain";
}

/** The cluster at some moment, as far as it matters to where a task may be. */
export interface Surroundings {
  readonly nodes: { get(id: string): Node | undefined };
  tasksOnNode(id: string): { values(): Iterable<Task> };
}

/**
 * Why the task may not go on where it is, though its node takes tasks: what the node is, as that is
 * now, is not what it asks for, or the node is too small for all that it runs. Null: it may.
 */
export function misplaced(around: Surroundings, service: Service, task: Task): string | null {
  const node = around.nodes.get(task.nodeId ?? "");
  if (node === undefined || !takesTasks(node)) return null;
  const isMeant = task.slot !== 0 || isMeantFor(service.spec.task, node);
  return outgrown(around, service, task) ?? (isMeant ? null : "is none of its service's");
}

/** The same of what the task may ask of a node once it is there, whatever its service is. */
export function outgrown(around: Surroundings, service: Service, task: Task): string | null {
  const node = around.nodes.get(task.nodeId ?? "");
  if (node === undefined || !takesTasks(node)) return null;
  const constraint = brokenBy(service, task, node);
  if (constraint !== null) return `does not meet ${constraint}`;
  const isCrowded = crowdedOut(node, around.tasksOnNode(node.id).values()).some(
    ({ id }) => id === task.id,
  );
  return isCrowded ? "has become too small for it" : null;
}

/** A volume that the task mounts is drained: it must give it up, wherever it is. */
export function losesVolume(
  around: { volumeNamed(name: string): Volume | undefined },
  { spec }: Task,
): boolean {
  return spec.container.mounts.some(
    ({ kind, source }) =>
      kind === "cluster" && around.volumeNamed(source)?.spec.availability === "drain",
  );
}

/**
 * The constraint by which the task must leave. One that need not be replaced goes by what its
 * service asks for now; but what its node has failed since that was asked for is for an update.
 */
function brokenBy(service: Service, task: Task, node: Node): string | null {
  const own = brokenConstraint(task.spec, node);
  if (task.specVersion === service.specVersion || isOther(service, task)) return own;
  const newer = brokenConstraint(service.spec.task, node);
  if (newer === null || own !== null) return newer && own;
  const { updateStatus, meta } = service;
  return isUnfinished(updateStatus) || node.meta.version <= meta.version ? null : newer;
}
