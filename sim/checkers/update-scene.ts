import { found } from "../../core/base/gather.ts";
import { after, type Duration, type Timestamp } from "../../core/base/time.ts";
import { type Node, takesTasks } from "../../core/model/node.ts";
import type { Service } from "../../core/model/service.ts";
import type { Task } from "../../core/model/task.ts";
import { isTerminal, isWanted, TaskState } from "../../core/model/task-state.ts";
import type { UpdateConfig } from "../../core/model/update-config.ts";
import type { EventOf, StoreEvent } from "../../core/store/event.ts";
import type { StoreView } from "../../core/store/view.ts";
import { endedByItself } from "../liveness/ended-by-itself.ts";
import type { Commit } from "../world/history.ts";
import { Before } from "./before.ts";
import { isInvalidNode } from "./misplaced.ts";
import { slotNameOf } from "./slot-tasks.ts";

/** By commit and service, so that all checkers look at one scene. */
const scenes = new WeakMap<Commit, Map<string, UpdateScene | null>>();

/**
 * One service as it was when the plans of a commit were made: all of an entry is decided against
 * the state before it. Slots that the leader removes or gives up with the entry count no longer, as
 * the updater has left them out: a node may be none of a global service's from this entry on. What
 * users remove with the entry counts, for the updater knew nothing of it.
 */
export class UpdateScene {
  readonly service: Service;
  readonly tasks: readonly Task[];
  readonly now: Timestamp;
  readonly before: Before;
  /** Where a task is wanted after the entry. */
  readonly #kept: ReadonlySet<string>;
  readonly #bySlot = new Map<string, Task[]>();
  #attempts: ReadonlyMap<string, Task> | null = null;

  private constructor(service: Service, view: StoreView, commit: Commit, before: Before) {
    this.service = service;
    this.now = commit.entry?.time ?? view.time;
    this.before = before;
    const byUsers = new Set(found(commit.events, userChange));
    const planned = (task: Task): Task => {
      return (byUsers.has(task.id) ? before.task(task.id) : undefined) ?? task;
    };
    const present = [...view.tasksOfService(service.id).values()];
    const kept = present.filter((task) => isWanted(planned(task).desiredState));
    this.#kept = new Set(kept.map(slotNameOf));
    this.tasks = found(present, (task) => {
      const isLeft = planned(task).desiredState < TaskState.REMOVE;
      return (isLeft ? before.task(task.id) : undefined) ?? null;
    });
    for (const task of this.tasks) {
      const slot = slotNameOf(task);
      const others = this.#bySlot.get(slot);
      if (others === undefined) this.#bySlot.set(slot, [task]);
      else others.push(task);
    }
  }

  /** Null for a service that was not there before, or is gone. */
  static of(view: StoreView, commit: Commit, serviceId: string): UpdateScene | null {
    const known = scenes.get(commit) ?? new Map<string, UpdateScene | null>();
    scenes.set(commit, known);
    const scene = known.get(serviceId) ?? UpdateScene.#make(view, commit, serviceId);
    known.set(serviceId, scene);
    return scene;
  }

  static #make(view: StoreView, commit: Commit, serviceId: string): UpdateScene | null {
    const before = Before.of(view, commit);
    const service = before.service(serviceId);
    return service === undefined ? null : new UpdateScene(service, view, commit, before);
  }

  get config(): UpdateConfig {
    const { updateStatus, spec } = this.service;
    return updateStatus?.state.startsWith("rollback_") ? spec.rollback : spec.update;
  }

  node(id: string | null): Node | undefined {
    return this.before.node(id);
  }

  /** Its node would run it. */
  isWell({ nodeId }: Task): boolean {
    const node = this.node(nodeId);
    return node !== undefined && takesTasks(node);
  }

  /**
   * The tasks that the update now under way has made: of each slot the newest, which goes on in the
   * place of one that was lost before it ran.
   */
  get attempts(): readonly Task[] {
    return [...this.#attemptsBySlot().values()];
  }

  #attemptsBySlot(): ReadonlyMap<string, Task> {
    this.#attempts ??= this.#findAttempts();
    return this.#attempts;
  }

  #findAttempts(): ReadonlyMap<string, Task> {
    const newest = new Map<string, Task>();
    const { specVersion, updateStatus } = this.service;
    if (updateStatus === null) return newest;
    for (const task of this.tasks) {
      if (!task.isUpdate || task.specVersion !== specVersion) continue;
      if (task.meta.createdAt < updateStatus.startedAt) continue;
      const known = newest.get(slotNameOf(task));
      if (known === undefined || known.meta.createdAt <= task.meta.createdAt) {
        newest.set(slotNameOf(task), task);
      }
    }
    return newest;
  }

  /**
   * True for the task in place of an attempt that was lost before it ran: the update has begun
   * the slot before. One that it begins anew has an old task, and no other.
   */
  isAgain(task: Task): boolean {
    const tried = this.#attemptsBySlot().get(slotNameOf(task));
    if (tried === undefined) return false;
    const isAnyWanted = this.inPlaceOf(task).some(({ desiredState }) => isWanted(desiredState));
    return !isAnyWanted || isWanted(tried.desiredState);
  }

  /** Those of its slot, itself among them if it was there before. */
  inPlaceOf(task: Task): readonly Task[] {
    return this.#bySlot.get(slotNameOf(task)) ?? [];
  }

  /** Attempts that may or may not come to run. */
  get inFlight(): number {
    return this.attempts.filter((task) => {
      if (task.runningSince !== null || isTerminal(task.status.state)) return false;
      if (!this.#kept.has(slotNameOf(task))) return false;
      return task.desiredState <= TaskState.RUNNING && this.#hasHome(task);
    }).length;
  }

  /** A global service's task that its paused node has not taken yet will have to wait. */
  #hasHome({ nodeId, status }: Task): boolean {
    if (nodeId === null) return true;
    const node = this.node(nodeId);
    if (isInvalidNode(node)) return false;
    return status.state >= TaskState.ASSIGNED || node?.spec.availability === "active";
  }

  /** Attempts whose slot is to rest, since they came to run, or failed, less than `delay` ago. */
  resting(delay: Duration): number {
    return this.attempts.filter((task) => {
      const end = endOf(task);
      return end !== null && after(end, delay) > this.now;
    }).length;
  }

  get failures(): readonly Task[] {
    const { monitor } = this.config;
    return this.attempts.filter((task) => {
      const { appliedAt } = task.status;
      if (!endedByItself(task)) return false;
      return task.runningSince === null || appliedAt < after(task.runningSince, monitor);
    });
  }
}

/** The id of what a user's command changes; else null. */
function userChange({ actor, current }: StoreEvent): string | null {
  return actor === "control" && current !== null ? current.id : null;
}

/** When the attempt came to run, or failed before. */
export function endOf(task: Task): Timestamp | null {
  if (task.runningSince !== null) return task.runningSince;
  return endedByItself(task) ? task.status.appliedAt : null;
}

/** The task that an update has begun a slot with, or begun again; or null. */
export function beginning({ actor, previous, current }: EventOf<Task>): Task | null {
  if (actor !== "orchestrator" || previous !== null || current === null) return null;
  return current.isUpdate ? current : null;
}
