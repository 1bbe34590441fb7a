import type { Node } from "../model/node.ts";
import { isJob, type Service, type ServiceMode } from "../model/service.ts";
import { isOfPresentRun, type Task } from "../model/task.ts";
import { isTerminal, isWanted, TaskState } from "../model/task-state.ts";
import { tasksByService } from "./tasks-by-service.ts";

/** How many tasks a service has. */
export interface ServiceStatus {
  /** Not those of nodes that are down: what runs there is not known, and may be replaced. */
  readonly running: number;
  /** Of a job: those that may run at a time. Of a global service: none of a node that is down. */
  readonly desired: number;
  /** Of a job's present iteration; 0 for a service that is not a job. */
  readonly completed: number;
}

/**
 * By the services' ids (SwarmKit `ListServiceStatuses`, which counts tasks of nodes that are down:
 * moby/moby#45922). `tasks`: all of theirs, or more.
 */
export function serviceStatuses(
  services: readonly Service[],
  tasks: readonly Task[],
  nodes: readonly Node[],
): ReadonlyMap<string, ServiceStatus> {
  const own = tasksByService(services, tasks);
  const down = new Set(nodes.filter(({ status }) => status.state === "down").map(({ id }) => id));
  return new Map(services.map((each) => [each.id, statusOf(each, own.get(each.id) ?? [], down)]));
}

function statusOf(
  service: Service,
  tasks: readonly Task[],
  down: ReadonlySet<string>,
): ServiceStatus {
  const { spec, job } = service;
  let [running, wanted, completed] = [0, 0, 0];
  for (const task of tasks) {
    const { desiredState, nodeId, status } = task;
    if (!isOfPresentRun(service, task)) continue;
    if (status.state === TaskState.COMPLETE) completed += 1;
    if (down.has(nodeId ?? "")) continue;
    if (status.state === TaskState.RUNNING) running += 1;
    if (isWanted(desiredState) && (job === null || !isTerminal(status.state))) wanted += 1;
  }
  const desired = desiredBy(spec.mode) ?? wanted;
  return { running, desired, completed: isJob(spec) ? completed : 0 };
}

/** Null: the mode does not say it. */
function desiredBy(mode: ServiceMode): number | null {
  if (mode.kind === "replicated") return mode.replicas;
  return mode.kind === "replicated-job" ? mode.maxConcurrent : null;
}
