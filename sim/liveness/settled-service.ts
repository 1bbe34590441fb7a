import { unreachable } from "../../core/base/assert.ts";
import type { Node } from "../../core/model/node.ts";
import type { Service } from "../../core/model/service.ts";
import { isOfPresentRun, slotOf, type Task } from "../../core/model/task.ts";
import type { TaskSpec } from "../../core/model/task-spec.ts";
import { isTerminal, isWanted, TaskState } from "../../core/model/task-state.ts";
import { isPaused, isUpdating } from "../../core/model/update-config.ts";
import type { StoreView } from "../../core/store/view.ts";
import { isOutdated } from "../checkers/outdated.ts";
import { endedByItself } from "./ended-by-itself.ts";
import { isBarred, isShutOut, waitsForAddress } from "./starved.ts";
import { hasEnoughFor, isMeantFor, tasksPerNode } from "./wanted.ts";

/** A service as the healed machines must have it. */
interface Looked {
  readonly service: Service;
  readonly tasks: readonly Task[];
  /** The healed machines that take tasks, are meant for it and have, empty, what one reserves. */
  readonly places: readonly Node[];
  /**
   * Slots that stay empty because their last task ended and its policy allows no other, or because
   * nothing can be done for the one that waits there.
   */
  readonly givenUp: ReadonlySet<number | string>;
  /** Those of them that wait: of a job they may be all that it runs at a time. */
  readonly starved: ReadonlySet<number | string>;
}

/**
 * Why the service is not yet what its spec says, or null when it is: this many tasks run, or one on
 * each place, or have completed, and nothing else has still to stop. `names` are the machines that
 * count; what became of tasks on others nobody can be asked to know.
 */
export function unsettledService(
  view: StoreView,
  service: Service,
  names: ReadonlySet<string>,
): string | null {
  const tasks = [...view.tasksOfService(service.id).values()];
  const active = [...view.nodes.values()].filter(
    ({ id, spec }) => names.has(id) && spec.availability === "active",
  );
  const activeById = new Map(active.map((node) => [node.id, node]));
  const placesOf = remembering((task: TaskSpec) =>
    active.filter((node) => mayEverRun(view, task, node)),
  );
  const places = placesOf(service.spec.task);
  if (service.waitsFor.length > 0) return wrongWait(view, service);
  if (isUpdating(service.updateStatus)) return `${service.spec.name} is being updated`;
  const serving = tasks.filter(
    (task) => isServing(view, service, task) && names.has(task.nodeId ?? ""),
  );
  const isOneOfThem = new Set(serving);
  const isStarved = (task: Task): boolean =>
    waitsForAddress(view, task) ||
    isShutOut(view, service, task, placesOf) ||
    isNoPlace(view, task, activeById.get(task.nodeId ?? ""));
  const givenUp = slotsGivenUp(service, tasks);
  const starved = new Set(tasks.filter(isStarved).map(slotOf));
  for (const slot of starved) givenUp.add(slot);
  if (isPaused(service.updateStatus))
    for (const slot of tooLarge(tasks, placesOf)) givenUp.add(slot);
  const problem = missing({ service, tasks, places, givenUp, starved }, serving);
  if (problem !== null) return problem;
  const stray = tasks.find((task) => {
    if (isTerminal(task.status.state) || isOneOfThem.has(task) || isStarved(task)) return false;
    if (task.nodeId === null && serving.length >= roomOn(places, service)) return false;
    if (isPaused(service.updateStatus) && task.status.state < TaskState.ASSIGNED) return false;
    return (task.nodeId === null || names.has(task.nodeId)) && !isHeld(view, service, task);
  });
  return stray === undefined ? null : `${stray.name} has not settled`;
}

/** Slots whose wanted tasks all reserve more than any of the machines has. */
function tooLarge(
  tasks: readonly Task[],
  placesOf: (task: TaskSpec) => readonly Node[],
): Set<number | string> {
  const wanted = tasks.filter(({ desiredState }) => isWanted(desiredState));
  const isPossible = ({ nodeId, spec }: Task) => nodeId !== null || placesOf(spec).length > 0;
  const possible = new Set(wanted.filter(isPossible).map(slotOf));
  return new Set(wanted.map(slotOf).filter((slot) => !possible.has(slot)));
}

/** Tasks of one version of a service share its spec: what is asked of it is answered once. */
function remembering<T>(answer: (task: TaskSpec) => T): (task: TaskSpec) => T {
  const known = new Map<TaskSpec, T>();
  return (task) => {
    const found = known.get(task) ?? answer(task);
    known.set(task, found);
    return found;
  };
}

function mayEverRun(view: StoreView, task: TaskSpec, node: Node): boolean {
  return isMeantFor(task, node) && hasEnoughFor(task, node) && hasVolumes(view, task, node);
}

/** True when the volumes that the task mounts are on the node, or nowhere yet. */
function hasVolumes(view: StoreView, { container }: TaskSpec, { id }: Node): boolean {
  return container.mounts.every(({ kind, source }) => {
    if (kind !== "cluster") return true;
    const nodeId = view.named("volume", source)?.nodeId ?? null;
    return nodeId === null || nodeId === id;
  });
}

/** True for a task, of a global service, that waits on its node, where it can't run. */
function isNoPlace(view: StoreView, task: Task, node: Node | undefined): boolean {
  if (node === undefined || task.status.state >= TaskState.ASSIGNED) return false;
  return !mayEverRun(view, task.spec, node) || isBarred(view, task, node);
}

/** A service that waits for others has started nothing, and one of them does not run in full. */
function wrongWait(view: StoreView, { id, spec, waitsFor }: Service): string | null {
  const started = [...view.tasksOfService(id).values()].find(
    ({ status, desiredState }) => isWanted(desiredState) && status.state > TaskState.READY,
  );
  if (started !== undefined) return `${started.name} has started, though ${spec.name} waits`;
  const isShort = waitsFor.some((name) => {
    const other = view.named("service", name);
    return other === undefined || !runsInFull(view, other);
  });
  return isShort ? null : `${spec.name} waits for ${waitsFor.join(", ")}, which runs in full`;
}

function runsInFull(view: StoreView, service: Service): boolean {
  const tasks = [...view.tasksOfService(service.id).values()];
  const { mode } = service.spec;
  const wanted = tasks.filter(({ desiredState }) => isWanted(desiredState));
  const isRunning = ({ status }: Task): boolean => status.state === TaskState.RUNNING;
  const running = wanted.filter(isRunning);
  switch (mode.kind) {
    case "replicated":
      return new Set(running.map(slotOf)).size >= mode.replicas;
    case "global": {
      const there = wanted.filter(
        ({ nodeId }) => view.nodes.get(nodeId ?? "")?.status.state !== "down",
      );
      return there.length > 0 && there.every(isRunning);
    }
    case "replicated-job":
      return completions(service, tasks).size >= mode.totalCompletions;
    case "global-job": {
      const done = completions(service, tasks);
      const tried = tasks.filter((task) => isOfPresentRun(service, task));
      return tried.length > 0 && tried.every(({ nodeId }) => done.has(nodeId ?? ""));
    }
    default:
      return unreachable(mode);
  }
}

/** Most tasks of the service that the healed machines can take. */
function roomOn(places: readonly Node[], { spec }: Service): number {
  return places.length === 0 ? 0 : places.length * tasksPerNode(spec);
}

/** The distinct slots, or nodes, of a job's present iteration that have completed. */
export function completions(service: Service, tasks: Iterable<Task>): Set<number | string> {
  const done = new Set<number | string>();
  for (const task of tasks) {
    if (task.status.state !== TaskState.COMPLETE) continue;
    if (task.jobIteration !== service.job?.iteration) continue;
    done.add(slotOf(task));
  }
  return done;
}

function missing(looked: Looked, serving: readonly Task[]): string | null {
  const { service, tasks, places, givenUp, starved } = looked;
  const { name, mode } = service.spec;
  switch (mode.kind) {
    case "replicated": {
      const least = Math.min(mode.replicas - givenUp.size, roomOn(places, service));
      const served = new Set(serving.map(slotOf)).size;
      const isRight = served >= least && served <= mode.replicas;
      return isRight ? null : short(name, served, mode.replicas, "running");
    }
    case "global": {
      const waits = places.find(
        ({ id }) => !givenUp.has(id) && serving.filter(({ nodeId }) => nodeId === id).length !== 1,
      );
      return waits === undefined ? null : `${name} has not one task running on ${waits.id}`;
    }
    case "replicated-job": {
      if (places.length === 0 || starved.size >= mode.maxConcurrent) return null;
      const done = completions(service, tasks).size;
      return short(name, done + givenUp.size, mode.totalCompletions, "completed");
    }
    case "global-job": {
      const done = completions(service, tasks);
      const waits = places.find(({ id }) => !done.has(id) && !givenUp.has(id));
      return waits === undefined ? null : `${name} has not completed on ${waits.id}`;
    }
    default:
      return unreachable(mode);
  }
}

/**
 * Where an update is paused, what ended was an old task, which may be forgotten by now, and the
 * newest one is what the update stopped.
 */
function slotsGivenUp(service: Service, all: readonly Task[]): Set<number | string> {
  const tasks = all.filter(
    (task) => isOfPresentRun(service, task) && task.desiredState < TaskState.REMOVE,
  );
  const taken = new Set(tasks.filter((task) => isWanted(task.desiredState)).map(slotOf));
  const done = completions(service, tasks);
  const isForgotten = isPaused(service.updateStatus);
  const given = tasks.filter((task) => isForgotten || isGivenUp(task)).map(slotOf);
  return new Set(given.filter((slot) => !taken.has(slot) && !done.has(slot)));
}

function isGivenUp(task: Task): boolean {
  const { desiredState, spec, status, restarts } = task;
  if (!endedByItself(task) || desiredState !== TaskState.SHUTDOWN) return false;
  const { condition, maxAttempts, window } = spec.restart;
  if (condition === "none") return true;
  if (condition === "on-failure" && status.state === TaskState.COMPLETE) return true;
  return maxAttempts > 0 && (window > 0 || restarts.attempts >= maxAttempts);
}

function short(name: string, count: number, wanted: number, what: string): string | null {
  return count === wanted ? null : `${name} has ${count} of ${wanted} tasks ${what}`;
}

/** Where an update is paused, old tasks serve beside new ones until somebody decides. */
function isServing(view: StoreView, service: Service, task: Task): boolean {
  return (
    task.status.state === TaskState.RUNNING &&
    task.desiredState === TaskState.RUNNING &&
    (isPaused(service.updateStatus) || !isOutdated(view, service, task))
  );
}

/**
 * A global service keeps what it has on a paused node, of whatever version. What an update has
 * begun and could not place waits, while the update is paused, for whoever decides.
 */
function isHeld(view: StoreView, { updateStatus }: Service, task: Task): boolean {
  if (isPaused(updateStatus) && task.isUpdate && task.status.state <= TaskState.PENDING) {
    return true;
  }
  const node = view.nodes.get(task.nodeId ?? "");
  const isKept = task.slot === 0 && isWanted(task.desiredState);
  return isKept && node?.spec.availability === "pause";
}
