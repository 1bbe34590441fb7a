import { assert } from "../base/assert.ts";
import type { Timestamp } from "../base/time.ts";
import { lostInRestart, type Task, type TaskStatus } from "../model/task.ts";
import { isTerminal, stateName, TaskState } from "../model/task-state.ts";
import type { ContainerFile, ExecutorEvent, ExecutorRequest } from "./executor-request.ts";

/** One task on this node, on its way from ASSIGNED to a final state. */
export interface TaskRunner {
  /** As last assigned; `status` is this agent's own. Its `desiredState` only ever rises. */
  task: Task;
  /** False until the status is on this node's disk: nothing follows from it before. */
  isDurable: boolean;
  /** What its container is to find in it; null: the leader has not said yet. */
  files: readonly ContainerFile[] | null;
  /** Why it can't have its files; null when nothing is known to be missing. */
  lacks: string | null;
  /** The step asked of the executor and not yet answered. */
  step: "prepare" | "start" | "shutdown" | null;
  /** The leader has forgotten the task, or knows that it has stopped: clean up. */
  isReleased: boolean;
  /** The highest state that the leader has recorded, and the highest that it was told. */
  recorded: number;
  reported: number;
}

/** What a runner asks for: a new status, or a request to the executor, or neither. */
export interface RunnerStep {
  readonly status: TaskStatus | null;
  readonly request: ExecutorRequest | null;
}

const wait: RunnerStep = { status: null, request: null };

/**
 * One step of a task towards its desired state (SwarmKit `agent/exec.Do`). The executor is asked
 * for something only when the state that goes with it is on disk, so after a crash no container is
 * started twice; a state that asks for nothing passes at once.
 */
export function advance(runner: TaskRunner): RunnerStep {
  if (isTerminal(runner.task.status.state)) return wait;
  const step = next(runner);
  return step.request !== null && !runner.isDurable ? wait : step;
}

function next(runner: TaskRunner): RunnerStep {
  if (runner.isReleased || runner.task.desiredState >= TaskState.SHUTDOWN) return stop(runner);
  return runner.step === null ? forward(runner) : wait;
}

/** The status that follows from what the executor says; null when it says nothing new. */
export function answered(runner: TaskRunner, event: ExecutorEvent): TaskStatus | null {
  const { state } = runner.task.status;
  if (isTerminal(state)) return null;
  switch (event.kind) {
    case "prepared":
      return state === TaskState.PREPARING ? status(TaskState.READY, "prepared") : null;
    case "started":
      return state === TaskState.STARTING ? status(TaskState.RUNNING, "started") : null;
    case "stopped":
      return runner.step === "shutdown" ? status(TaskState.SHUTDOWN, "shutdown") : null;
    case "exited":
      return exited(state, event.exitCode);
    case "failed":
      return event.temporary ? null : failed(state, event.error);
    default:
      throw new TypeError("an executor says what its port allows");
  }
}

/** Where a task stands that this node had before it crashed, by what is left of its container. */
export function recovered(task: Task, isRunning: boolean): TaskStatus | null {
  const { state } = task.status;
  if (state < TaskState.STARTING || isTerminal(state)) return null;
  if (isRunning) return state === TaskState.STARTING ? status(TaskState.RUNNING, "started") : null;
  return failed(state, lostInRestart);
}

function forward(runner: TaskRunner): RunnerStep {
  const { task } = runner;
  const { state } = task.status;
  switch (state) {
    case TaskState.ASSIGNED:
      return { status: status(TaskState.ACCEPTED, "accepted"), request: null };
    case TaskState.ACCEPTED:
      return { status: status(TaskState.PREPARING, "preparing"), request: null };
    case TaskState.PREPARING:
      return prepare(runner);
    case TaskState.READY:
      if (task.desiredState < TaskState.RUNNING) return wait;
      return { status: status(TaskState.STARTING, "starting"), request: null };
    case TaskState.STARTING:
      return ask({ kind: "start", task: task.id });
    case TaskState.RUNNING:
      return wait;
    default:
      assert(false, `an agent has no task in state ${stateName(state)}`);
  }
}

function prepare({ task, files, lacks }: TaskRunner): RunnerStep {
  if (lacks !== null) return { status: failed(TaskState.PREPARING, lacks), request: null };
  if (files === null) return wait;
  return ask({ kind: "prepare", task: task.id, container: task.spec.container, files });
}

/** Before PREPARING there is nothing to stop. A step under way is overtaken by the shutdown. */
function stop(runner: TaskRunner): RunnerStep {
  const { task } = runner;
  if (runner.step === "shutdown") return wait;
  if (task.status.state < TaskState.PREPARING) {
    return { status: status(TaskState.SHUTDOWN, "shutdown"), request: null };
  }
  const grace = task.spec.container.stopGracePeriod;
  return ask({ kind: "shutdown", task: task.id, grace });
}

function exited(state: TaskState, exitCode: number): TaskStatus | null {
  if (state !== TaskState.RUNNING && state !== TaskState.STARTING) return null;
  if (exitCode === 0) return { ...status(TaskState.COMPLETE, "finished"), exitCode };
  const err = `task: non-zero exit (${exitCode})`;
  return { ...status(TaskState.FAILED, "started"), err, exitCode };
}

function failed(state: TaskState, err: string): TaskStatus {
  const isStarted = state >= TaskState.STARTING;
  const outcome = isStarted ? TaskState.FAILED : TaskState.REJECTED;
  return { ...status(outcome, isStarted ? "starting" : "preparing"), err };
}

function ask(request: ExecutorRequest): RunnerStep {
  return { status: null, request };
}

/** The leader stamps it with the cluster's clock when it records it. */
function status(state: TaskState, message: string): TaskStatus {
  return { state, appliedAt: 0 as Timestamp, message, err: "", exitCode: null };
}
