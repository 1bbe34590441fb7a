import { found } from "../../core/base/gather.ts";
import { settingsOf } from "../../core/model/cluster.ts";
import { speaks } from "../../core/model/level.ts";
import type { Node } from "../../core/model/node.ts";
import type { Service } from "../../core/model/service.ts";
import { isOfPresentRun, type RejectionReason, slotOf, type Task } from "../../core/model/task.ts";
import { isTerminal, isWanted, TaskState } from "../../core/model/task-state.ts";
import { isPaused, isUpdating } from "../../core/model/update-config.ts";
import type { EventOf } from "../../core/store/event.ts";
import { isMeantFor } from "../liveness/wanted.ts";
import type { Commit, History } from "../world/history.ts";
import { Before } from "./before.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { losesVolume, outgrown } from "./misplaced.ts";
import { isOutdated } from "./outdated.ts";

/** A task that is to take over from another and does not run by then is called off. */
const moveTimeout = 60_000_000;

/**
 * The leader asks no task to stop that could go on, but for one of these reasons: its service is
 * gone, has a slot too many or is being updated, its job needs it no more, its node is none for it
 * any more, a volume that it mounts is drained, another task has taken over from it or needs its
 * room, or it was itself to take over from one that goes on.
 */
export class StoppedForAReason implements Checker {
  readonly name = "stopped-for-a-reason";
  readonly source = "SwarmKit design/orchestrators.md; orchestrator, constraintenforcer";
  checks = 0;
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
  }

  committed(commit: Commit): void {
    const stops = commit.isForced ? [] : commit.tasks.filter(isStop);
    if (stops.length === 0) return;
    const { view } = this.#history;
    const before = Before.of(view, commit);
    const stopped = new Map(found(commit.tasks, stopAsked));
    for (const { previous, current } of stops) {
      const task = previous as Task;
      this.checks += 1;
      const service = before.service(task.serviceId);
      if (service === undefined) continue;
      const scene = new Scene(before, service, stopped, commit.entry?.time ?? view.time);
      const problem = scene.problemOf(task, current?.rejectedFor ?? null);
      if (problem === null) continue;
      const where = task.nodeId ?? "no node";
      const detail = `${task.name} on ${where} is asked to stop ${problem}`;
      throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
  }
}

/** The leader's own plans ask a task to stop that was wanted and has not ended. */
function isStop(event: EventOf<Task>): boolean {
  return stopAsked(event) !== null && event.previous !== null && isOn(event.previous);
}

/** What the leader's own plans ask of a task that is to stop, or to go; null: it is not. */
function stopAsked({ id, actor, current }: EventOf<Task>): readonly [string, TaskState] | null {
  if (actor !== "orchestrator" || current === null || isWanted(current.desiredState)) return null;
  return [id, current.desiredState];
}

function isOn({ desiredState, status }: Task): boolean {
  return isWanted(desiredState) && !isTerminal(status.state);
}

function isRunning(task: Task): boolean {
  return isOn(task) && task.status.state === TaskState.RUNNING;
}

/** A service and its tasks as a plan found them, and what that asks of them. */
class Scene {
  readonly #before: Before;
  readonly #service: Service;
  /** What is wanted of each task that the entry asks to stop, or to go. */
  readonly #stopped: ReadonlyMap<string, TaskState>;
  readonly #now: number;

  constructor(
    before: Before,
    service: Service,
    stopped: ReadonlyMap<string, TaskState>,
    now: number,
  ) {
    this.#before = before;
    this.#service = service;
    this.#stopped = stopped;
    this.#now = now;
  }

  /** What is wrong with a stop for which the leader gives this reason; null: nothing. */
  problemOf(task: Task, given: RejectionReason | null): string | null {
    const isWithoutVolume = losesVolume(this.#before, task);
    const isMisfit = outgrown(this.#before, this.#service, task) !== null;
    if (given === "volume" && !isWithoutVolume) return "for a volume, of which none is drained";
    if (given === "constraints" && !isMisfit) return "for its node, which is as it asks for";
    if (this.#hasReason(task) || given !== null) return null;
    if (!isWithoutVolume && !isMisfit) return "without a reason";
    const isToSay = speaks(this.#before.cluster, "rejections");
    return isToSay && task.status.state >= TaskState.ASSIGNED ? "and is not told why" : null;
  }

  /** One that is none of those for which a task is rejected. */
  #hasReason(task: Task): boolean {
    return (
      task.preemptedBy !== null ||
      this.#isSurplus(task) ||
      this.#isDone(task) ||
      this.#isReplaced(task) ||
      this.#isSucceeded(task) ||
      this.#isNotNeeded(task) ||
      this.#isOutOfPlace(task)
    );
  }

  /** Of the slots, no more are removed than there are too many. */
  #isSurplus({ id }: Task): boolean {
    const { mode } = this.#service.spec;
    if (mode.kind !== "replicated" || this.#stopped.get(id) !== TaskState.REMOVE) return false;
    const present = this.#tasks().filter(({ desiredState }) => desiredState < TaskState.REMOVE);
    const left = present.filter((task) => this.#stopped.get(task.id) !== TaskState.REMOVE);
    const slots = new Set(present.map(slotOf)).size;
    return slots > mode.replicas && new Set(left.map(slotOf)).size >= mode.replicas;
  }

  /** Its job runs anew, or its slot has completed. */
  #isDone(task: Task): boolean {
    if (!isOfPresentRun(this.#service, task)) return true;
    const completes = (other: Task) =>
      isOfPresentRun(this.#service, other) && other.status.state === TaskState.COMPLETE;
    return this.#service.job !== null && this.#others(task).some(completes);
  }

  /** An update takes its place, or has left another there that has proven itself. */
  #isReplaced(task: Task): boolean {
    const { updateStatus } = this.#service;
    if (!isOutdated(this.#before, this.#service, task)) return false;
    if (isUpdating(updateStatus)) return true;
    const isHeir = (other: Task) =>
      isRunning(other) && !isOutdated(this.#before, this.#service, other);
    return isPaused(updateStatus) && this.#others(task).some(isHeir);
  }

  /** A task of its slot that is no older runs, and goes on. */
  #isSucceeded(task: Task): boolean {
    return this.#others(task).some(
      (other) => other.meta.createdAt >= task.meta.createdAt && this.#goesOn(other),
    );
  }

  /**
   * It was to take over from a task that goes on: which is back with its node, is drained no more,
   * or did not get rid of it in time. Or it was to move to a node that has not taken it, and what
   * it was to take over from has ended, or its node is down: its slot needs another.
   */
  #isNotNeeded({ id, replaces, isMove, meta, status }: Task): boolean {
    if (replaces === null || this.#stopped.get(id) !== TaskState.REMOVE) return false;
    const old = this.#before.task(replaces);
    const node = this.#before.node(old?.nodeId ?? "");
    const isLost = old === undefined || !this.#goesOn(old);
    const mustBeReplaced = isLost || node?.status.state === "down";
    if (mustBeReplaced && isMove && status.state < TaskState.ASSIGNED) return true;
    if (isLost) return false;
    if (isMove) return this.#now - meta.createdAt >= moveTimeout;
    return node?.spec.availability !== "drain";
  }

  /** It could not stay where it is. */
  #isOutOfPlace(task: Task): boolean {
    if (task.nodeId === null) return false;
    const node = this.#before.node(task.nodeId);
    if (node === undefined) return true;
    if (node.status.state === "down") return !this.#isAwaited(task, node);
    if (node.spec.availability === "drain") return !this.#mayWait(task, node);
    return task.slot === 0 && !isMeantFor(this.#service.spec.task, node);
  }

  /** Nothing else takes the place of a global service's task: its node may bring it back. */
  #isAwaited(task: Task, node: Node): boolean {
    const { spec } = this.#service;
    if (task.slot !== 0 || node.spec.availability === "drain" || !isRunning(task)) return false;
    if (this.#others(task).some(isOn)) return false;
    return isMeantFor(spec.task, node) && !isOutdated(this.#before, this.#service, task);
  }

  /** What runs on a drained node goes on until another of its slot does, but not for ever. */
  #mayWait(task: Task, { availableSince }: Node): boolean {
    const { drain } = settingsOf(this.#before.cluster);
    if (task.slot === 0 || task.jobIteration !== null || !isRunning(task)) return false;
    if (this.#others(task).some((other) => this.#goesOn(other))) return false;
    return drain.order === "start-first" && this.#now - availableSince < drain.patience;
  }

  #goesOn(task: Task): boolean {
    return isRunning(task) && !this.#stopped.has(task.id);
  }

  #others(task: Task): Task[] {
    const slot = slotOf(task);
    return this.#tasks().filter((other) => other.id !== task.id && slotOf(other) === slot);
  }

  #tasks(): Task[] {
    return this.#before.tasksOfService(this.#service.id);
  }
}
