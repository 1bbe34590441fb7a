import type { Node } from "../model/node.ts";
import { isJob, type Service } from "../model/service.ts";
import { isOfPresentRun, slotOf, type Task } from "../model/task.ts";
import { isWanted, stateName, TaskState } from "../model/task-state.ts";
import { isPaused, isRollback, isUpdating } from "../model/update-config.ts";
import { isDirty } from "../orchestrate/dirty.ts";
import { endedByItself } from "../orchestrate/restart.ts";
import { isOutOfSight } from "../orchestrate/slot.ts";

/** How far something is on its way to what is wanted of it. */
export interface Progress {
  /** Everything is as wanted at this moment. */
  readonly isDone: boolean;
  /** Why it won't get there by itself, as a sentence without its stop; null: it may. */
  readonly isStuck: string | null;
  /** For people: `web: 1 of 2 RUNNING  updating  (web.2: no such image)`. */
  readonly line: string;
}

/** What the tasks of a service say; `nodes` are those of the cluster, by id. */
export function serviceProgress(
  service: Service,
  tasks: readonly Task[],
  nodes: ReadonlyMap<string, Node>,
): Progress {
  const { spec, updateStatus } = service;
  const wanted = tasks.filter(
    (task) =>
      isWanted(task.desiredState) &&
      isOfPresentRun(service, task) &&
      !(task.slot === 0 && isOutOfSight({ nodes }, task)),
  );
  const done = isJob(spec) ? TaskState.COMPLETE : TaskState.RUNNING;
  const there = wanted.filter(
    (task) => task.status.state === done && !isDirty({ nodes }, service, task),
  ).length;
  const total = totalOf(service, wanted);
  const roll = updateStatus === null ? "" : `  ${updateStatus.state}`;
  return {
    isDone: there === total && wanted.length === total && !isUpdating(updateStatus),
    isStuck: stuckAt(service, tasks, nodes),
    line: `${spec.name}: ${there} of ${total} ${stateName(done)}${roll}${troubleOf(wanted, tasks)}`,
  };
}

function stuckAt(
  service: Service,
  tasks: readonly Task[],
  nodes: ReadonlyMap<string, Node>,
): string | null {
  const { spec, updateStatus } = service;
  if (isPaused(updateStatus)) {
    const what = isRollback(updateStatus) ? "rollback" : "update";
    return `the ${what} of ${spec.name} is paused: ${updateStatus?.message ?? "nobody knows why"}`;
  }
  if (isUpdating(updateStatus)) return null;
  const last = tasks.find((task) => isGivenUp(service, task, tasks, nodes));
  if (last === undefined) return null;
  const how = last.status.err === "" ? stateName(last.status.state) : last.status.err;
  return `${last.name} has ended, and no other may take its place by its restart policy: ${how}`;
}

/** It ended by itself, nothing else is to run in its slot, and no update is to replace it. */
function isGivenUp(
  service: Service,
  task: Task,
  all: readonly Task[],
  nodes: ReadonlyMap<string, Node>,
): boolean {
  if (task.desiredState !== TaskState.SHUTDOWN || !endedByItself(task)) return false;
  if (!isOfPresentRun(service, task)) return false;
  if (isDirty({ nodes }, service, task)) return false;
  const others = all.filter((each) => each !== task && slotOf(each) === slotOf(task));
  return others.every(
    ({ desiredState, meta }) => !isWanted(desiredState) && meta.createdAt <= task.meta.createdAt,
  );
}

function totalOf({ spec: { mode } }: Service, wanted: readonly Task[]): number {
  if (mode.kind === "replicated") return mode.replicas;
  return mode.kind === "replicated-job" ? mode.totalCompletions : wanted.length;
}

/** What keeps a task from running, of the first that says so; else what ended the one before it. */
function troubleOf(wanted: readonly Task[], all: readonly Task[]): string {
  const starting = wanted.filter(({ status }) => status.state < TaskState.RUNNING);
  const troubled =
    wanted.find(({ status }) => status.err !== "") ??
    starting.map((task) => failureBefore(task, all)).find((task) => task !== null);
  return troubled ? `  (${troubled.name}: ${troubled.status.err})` : "";
}

/** What its slot ran before the task, with the same spec, if that failed by itself; else null. */
function failureBefore(task: Task, all: readonly Task[]): Task | null {
  const others = all.filter((each) => each.id !== task.id && slotOf(each) === slotOf(task));
  const newest = others.sort((left, right) => right.meta.createdAt - left.meta.createdAt)[0];
  return newest?.specVersion === task.specVersion && hasFailed(newest) ? newest : null;
}

function hasFailed({ status: { state, err } }: Task): boolean {
  return err !== "" && (state === TaskState.FAILED || state === TaskState.REJECTED);
}
