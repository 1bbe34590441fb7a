import type { Task } from "../../core/model/task.ts";
import { TaskState } from "../../core/model/task-state.ts";
import { isPaused, isUpdating } from "../../core/model/update-config.ts";
import type { EventOf } from "../../core/store/event.ts";
import { isMeantFor } from "../liveness/wanted.ts";
import type { Commit, History } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { losesVolume, misplaced } from "./misplaced.ts";
import { isOutdated } from "./outdated.ts";
import { beginning, UpdateScene } from "./update-scene.ts";

/** The task that ran, and is asked to stop by this event without being removed; or null. */
function stopped({ actor, previous, current }: EventOf<Task>): Task | null {
  if (actor !== "orchestrator" || previous === null || current === null) return null;
  const isAsked = previous.desiredState <= TaskState.RUNNING;
  if (!isAsked || current.desiredState !== TaskState.SHUTDOWN) return null;
  return previous.status.state === TaskState.RUNNING ? previous : null;
}

/** Nothing but an update can be the reason to stop the task. */
function isStoppedByUpdate(scene: UpdateScene, task: Task): boolean {
  const { updateStatus } = scene.service;
  if (!isUpdating(updateStatus) && !isPaused(updateStatus)) return false;
  if (!isAtHome(scene, task) || !scene.isWell(task) || task.preemptedBy !== null) return false;
  return !losesVolume(scene.before, task) && misplaced(scene.before, scene.service, task) === null;
}

/** A global service leaves the nodes that it may no longer run on. */
function isAtHome(scene: UpdateScene, { slot, nodeId }: Task): boolean {
  const node = scene.node(nodeId);
  return slot > 0 || (node !== undefined && isMeantFor(scene.service.spec.task, node));
}

/** Another task of the slot runs what the service asks for, or what this one does. */
function isReplaced(history: History, scene: UpdateScene, task: Task): boolean {
  return scene
    .inPlaceOf(task)
    .some(
      (other) =>
        other.id !== task.id &&
        other.status.state === TaskState.RUNNING &&
        (other.specVersion === task.specVersion || !isOutdated(history.view, scene.service, other)),
    );
}

function isNewer({ meta, specVersion }: Task, task: Task): boolean {
  const age = meta.createdAt - task.meta.createdAt;
  return age > 0 || (age === 0 && specVersion > task.specVersion);
}

/** A newer task of the slot runs, and goes on. */
function isServed(scene: UpdateScene, task: Task): boolean {
  return scene
    .inPlaceOf(task)
    .some(
      (other) =>
        isNewer(other, task) &&
        other.status.state === TaskState.RUNNING &&
        other.desiredState === TaskState.RUNNING,
    );
}

/**
 * Start-first: a slot's old task is asked to stop only when the new one runs, or a newer one that
 * an earlier update has begun. Stop-first: the new task is parked until the old one has stopped,
 * for which see `slot-not-doubled`.
 */
export class UpdateOrder implements Checker {
  readonly name = "update-order";
  readonly source = "SwarmKit api.UpdateConfig: STOP_FIRST, START_FIRST";
  checks = 0;
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
  }

  committed(commit: Commit): void {
    for (const event of commit.tasks) {
      const task = beginning(event) ?? stopped(event);
      if (task === null) continue;
      const scene = UpdateScene.of(this.#history.view, commit, task.serviceId);
      if (scene === null || (event.previous === null && scene.isAgain(task))) continue;
      this.checks += 1;
      const detail = event.previous === null ? wrongStart(scene, task) : this.#stop(scene, task);
      if (detail !== null) throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
  }

  #stop(scene: UpdateScene, task: Task): string | null {
    if (scene.config.order !== "start-first" || !isStoppedByUpdate(scene, task)) return null;
    if (!isOutdated(this.#history.view, scene.service, task)) return null;
    if (isReplaced(this.#history, scene, task) || isServed(scene, task)) return null;
    return `${task.name} is asked to stop before a new task runs in its slot`;
  }
}

function wrongStart({ config, service }: UpdateScene, task: Task): string | null {
  if (service.waitsFor.length > 0) return null;
  const isParked = task.desiredState === TaskState.READY;
  if (isParked === (config.order === "stop-first")) return null;
  return `${task.name} is ${isParked ? "parked" : "started at once"} in a ${config.order} update`;
}

/** An update, and a rollback above all, leaves alone what runs as the service asks for. */
export class CleanTaskKept implements Checker {
  readonly name = "clean-task-kept";
  readonly source = "moby/moby#37972, #34111: a rollback killed healthy tasks";
  checks = 0;
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
  }

  committed(commit: Commit): void {
    for (const event of commit.tasks) {
      const task = stopped(event);
      if (task === null) continue;
      const scene = UpdateScene.of(this.#history.view, commit, task.serviceId);
      if (scene === null || !isStoppedByUpdate(scene, task)) continue;
      this.checks += 1;
      if (isOutdated(this.#history.view, scene.service, task)) continue;
      if (isReplaced(this.#history, scene, task)) continue;
      const detail = `${task.name} is asked to stop though it runs what its service asks for`;
      throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
  }
}
