import { unreachable } from "../../core/base/assert.ts";
import { type Node, takesTasks } from "../../core/model/node.ts";
import { fits, type GenericResource } from "../../core/model/resources.ts";
import type { ServiceSpec } from "../../core/model/service.ts";
import type { TaskSpec } from "../../core/model/task-spec.ts";
import { brokenConstraint, isOfPlatform } from "../checkers/suitability.ts";

/** How many tasks a service is to have on these nodes, were all of them ready and active. */
export function tasksOn(spec: ServiceSpec, nodes: readonly Node[]): number {
  const { mode } = spec;
  switch (mode.kind) {
    case "replicated":
      return mode.replicas;
    case "replicated-job":
      return mode.totalCompletions;
    case "global":
    case "global-job":
      return nodes.filter((node) => isMeantFor(spec.task, node)).length;
    default:
      return unreachable(mode);
  }
}

/** How many tasks are to run at every moment: none of a job, which ends. */
export function keptRunning(spec: ServiceSpec, nodes: Iterable<Node>): number {
  if (spec.mode.kind === "replicated") return spec.mode.replicas;
  if (spec.mode.kind !== "global") return 0;
  return tasksOn(spec, [...nodes].filter(takesTasks));
}

/** Most tasks that run at the same time. */
export function atOnce(spec: ServiceSpec, nodes: readonly Node[]): number {
  const tasks = tasksOn(spec, nodes);
  return spec.mode.kind === "replicated-job" ? Math.min(tasks, spec.mode.maxConcurrent) : tasks;
}

/** True when the node may run such a task, as far as what it is goes. */
export function isMeantFor(task: TaskSpec, node: Node): boolean {
  return brokenConstraint(task, node) === null && isOfPlatform(task, node);
}

/** True when the node, were it empty, has all that such a task reserves. */
export function hasEnoughFor(task: TaskSpec, { description }: Node): boolean {
  const generic = [...task.genericReservations];
  return (
    fits(task.reservations, description.resources) &&
    generic.every(([kind, wanted]) => amountOf(description.genericResources.get(kind)) >= wanted)
  );
}

/** How many of such a resource a machine has. */
export function amountOf(resource: GenericResource | undefined): number {
  if (resource === undefined) return 0;
  return resource.kind === "named" ? resource.ids.length : resource.count;
}

/** Most tasks of the service on one node: it limits them itself, or a port is there only once. */
export function tasksPerNode({ task, endpoint }: ServiceSpec): number {
  const hasHostPort = endpoint.ports.some(
    ({ publishMode, publishedPort }) => publishMode === "host" && publishedPort > 0,
  );
  if (hasHostPort) return 1;
  return task.placement.maxReplicas > 0 ? task.placement.maxReplicas : Infinity;
}
