import { unreachable } from "../core/base/assert.ts";
import type { Node } from "../core/model/node.ts";
import type { Service } from "../core/model/service.ts";
import type { Task } from "../core/model/task.ts";
import { isTerminal, isWanted, TaskState } from "../core/model/task-state.ts";
import type { StoreView } from "../core/store/view.ts";
import { isMeantFor } from "./wanted.ts";

/** A service as the healed machines must have it. */
interface Looked {
  readonly service: Service;
  readonly tasks: readonly Task[];
  /** The healed machines that take tasks and are meant for it. */
  readonly places: readonly Node[];
}

/**
 * Why the service is not yet what its spec says, or null when it is: so many tasks run, or one on
 * each place, or have completed, and nothing else has still to stop. `names` are the machines that
 * count; what became of tasks on others nobody can be asked to know.
 */
export function unsettledService(
  view: StoreView,
  service: Service,
  names: ReadonlySet<string>,
): string | null {
  const tasks = [...view.tasksOfService(service.id).values()];
  const places = [...view.nodes.values()].filter(
    (node) =>
      names.has(node.id) &&
      node.spec.availability === "active" &&
      isMeantFor(service.spec.task, node),
  );
  const serving = tasks.filter((task) => isServing(service, task) && names.has(task.nodeId ?? ""));
  const problem = missing({ service, tasks, places }, serving);
  if (problem !== null) return problem;
  const stray = tasks.find((task) => {
    if (isTerminal(task.status.state) || serving.includes(task)) return false;
    return (task.nodeId === null || names.has(task.nodeId)) && !isHeld(view, task);
  });
  return stray === undefined ? null : `${stray.name} has not settled`;
}

/** The distinct slots, or nodes, of a job's present iteration that have completed. */
export function completions(service: Service, tasks: Iterable<Task>): Set<number | string> {
  const done = new Set<number | string>();
  for (const task of tasks) {
    if (task.status.state !== TaskState.COMPLETE) continue;
    if (task.jobIteration !== service.job?.iteration) continue;
    done.add(task.slot === 0 ? (task.nodeId ?? "") : task.slot);
  }
  return done;
}

function missing({ service, tasks, places }: Looked, serving: readonly Task[]): string | null {
  const { name, mode } = service.spec;
  switch (mode.kind) {
    case "replicated":
      return short(name, serving.length, mode.replicas, "running");
    case "global": {
      const waits = places.find(({ id }) => serving.filter((on) => on.nodeId === id).length !== 1);
      return waits === undefined ? null : `${name} has not one task running on ${waits.id}`;
    }
    case "replicated-job":
      return short(name, completions(service, tasks).size, mode.totalCompletions, "completed");
    case "global-job": {
      const done = completions(service, tasks);
      const waits = places.find(({ id }) => !done.has(id));
      return waits === undefined ? null : `${name} has not completed on ${waits.id}`;
    }
    default:
      return unreachable(mode);
  }
}

function short(name: string, count: number, wanted: number, what: string): string | null {
  return count === wanted ? null : `${name} has ${count} of ${wanted} tasks ${what}`;
}

function isServing(service: Service, task: Task): boolean {
  return (
    task.status.state === TaskState.RUNNING &&
    task.desiredState === TaskState.RUNNING &&
    task.specVersion === service.specVersion
  );
}

/** A global service keeps what it has on a paused node, of whatever version. */
function isHeld(view: StoreView, task: Task): boolean {
  const node = view.nodes.get(task.nodeId ?? "");
  const isKept = task.slot === 0 && isWanted(task.desiredState);
  return isKept && node?.spec.availability === "pause";
}
