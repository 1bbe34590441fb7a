import { assert } from "../base/assert.ts";
import type { Timestamp } from "../base/time.ts";
import { changedTask } from "../model/changed.ts";
import type { ContainerSpec } from "../model/container-spec.ts";
import type { HostPort } from "../model/endpoint.ts";
import { isIngress } from "../model/ingress.ts";
import { overlayPlaces } from "../model/overlay.ts";
import type { Task, TaskStatus } from "../model/task.ts";
import { isTerminal, stateName, TaskState } from "../model/task-state.ts";
import type {
  ContainerFile,
  ExistingContainer,
  TaskEvent,
  TaskRequest,
} from "./executor-request.ts";

/** One task on this node, on its way from ASSIGNED to a final state. */
export interface TaskRunner {
  /** As last assigned; `status` is this agent's own. Its `desiredState` only ever rises. */
  task: Task;
  /** As it was last written to this node's disk: its status, and whether it is to stop. */
  written: Task;
  /** False until that is safe there: nothing follows from it before. */
  isDurable: boolean;
  /** Its container's spec, with all placeholders filled in. */
  readonly container: ContainerSpec;
  /** What its container is to find in it; null: the leader has not said yet. */
  files: readonly ContainerFile[] | null;
  /** Why it can't have its files; null when nothing is known to be missing. */
  lacks: string | null;
  /** The step asked of the executor and not yet answered, or a wait before one. */
  step: "prepare" | "start" | "linger" | "shutdown" | null;
  /** It was given time to be left alone before it is stopped. */
  hasLingered: boolean;
  /** The leader has forgotten the task, or knows that it has stopped: it is to stop; clean up. */
  isReleased: boolean;
  /** The highest state that the leader has recorded, and the highest that it was told. */
  recorded: number;
  reported: number;
}

/** What a runner asks for: a new status, or a request to the executor, or neither. */
export interface RunnerStep {
  readonly status: TaskStatus | null;
  readonly request: TaskRequest | null;
}

/** What SwarmKit's executor for Docker says (`dockerexec.ErrContainerUnhealthy`). */
const unhealthyError = "dockerexec: unhealthy container";

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
  if (isToStop(runner.task) || isUnhealthy(runner.task)) return stop(runner);
  return runner.step === null ? forward(runner) : wait;
}

/** True when the task was told to stop and others may still connect to it, wherever they are. */
export function mustLinger(runner: TaskRunner, { kind }: TaskRequest): boolean {
  const { task, hasLingered } = runner;
  if (kind !== "shutdown" || hasLingered || !isToStop(task)) return false;
  const { state, hostPorts } = task.status;
  if (state !== TaskState.RUNNING) return false;
  return overlayPlaces(task).length > 0 || (hostPorts !== undefined && task.ports.some(isIngress));
}

export function isToStop({ desiredState }: Pick<Task, "desiredState">): boolean {
  return desiredState >= TaskState.SHUTDOWN;
}

/**
 * True once the container has been found unhealthy. It is written into the status of the task,
 * which stays in its state until the container has stopped: so the finding is on disk before
 * anything is done about it, and a crash in between does not lose it.
 */
function isUnhealthy({ status }: Task): boolean {
  return status.err === unhealthyError && !isTerminal(status.state);
}

/** The status that follows from what the executor says; null when it says nothing new. */
export function answered(runner: TaskRunner, event: TaskEvent): TaskStatus | null {
  const { task } = runner;
  const { state } = task.status;
  if (isTerminal(state) || isOvertaken(runner, event)) return null;
  switch (event.kind) {
    case "prepared":
      return state === TaskState.PREPARING ? status(TaskState.READY, "prepared") : null;
    case "started":
      if (state !== TaskState.STARTING || isUnhealthy(task)) return null;
      return running(task, event.hostPorts ?? []);
    case "stopped":
      return runner.step === "shutdown" ? stopped(runner, event.exitCode) : null;
    case "exited":
      return exited(task, event.exitCode);
    case "unhealthy":
      return runner.step === "shutdown" ? null : unhealthy(task);
    case "failed":
      return event.temporary ? null : failed(state, event.error);
    default:
      throw new TypeError("an executor says what its port allows");
  }
}

/** What came of a step that a shutdown has overtaken, which may have been on its way already. */
function isOvertaken({ step }: TaskRunner, event: TaskEvent): boolean {
  if (step !== "shutdown") return false;
  const { kind } = event;
  return kind === "prepared" || kind === "started" || (kind === "failed" && event.step !== step);
}

/**
 * Where a task stands that this node had before it crashed, by what is left of its container; null
 * when it goes on where it was. One that was starting asks to be started again, which is answered
 * once it is healthy; one that was to stop, to be stopped, however far that had come.
 */
export function recovered(task: Task, left: ExistingContainer | undefined): TaskStatus | null {
  const { state } = task.status;
  if (state < TaskState.STARTING || isTerminal(state) || isToStop(task)) return null;
  if (left?.state === "running") return left.unhealthy ? unhealthy(task) : null;
  if (left?.state === "created" && state === TaskState.STARTING) return null;
  const exitCode = left?.exitCode ?? null;
  if (exitCode !== null) return exited(task, exitCode);
  return isUnhealthy(task) ? unhealthyEnd() : gone();
}

/** The container went with its machine: that is no failure of the task. */
function gone(): TaskStatus {
  const err = "container is gone after a restart of its node";
  return { isLost: true, ...status(TaskState.FAILED, "starting"), err };
}

/** With where its node answers for the ports that it publishes; an image may open others. */
function running({ ports }: Task, found: readonly HostPort[]): TaskStatus {
  const started = status(TaskState.RUNNING, "started");
  const hostPorts = found.filter(({ protocol, targetPort }) =>
    ports.some((port) => port.protocol === protocol && port.targetPort === targetPort),
  );
  return hostPorts.length === 0 ? started : { ...started, hostPorts };
}

/** Found unhealthy: from now on the container is on its way to be stopped. */
function unhealthy(task: Task): TaskStatus | null {
  const { state } = task.status;
  const isUp = state === TaskState.STARTING || state === TaskState.RUNNING;
  if (!isUp || isUnhealthy(task)) return null;
  return { ...task.status, err: unhealthyError };
}

/** What was asked to stop has shut down; what was unhealthy has failed. */
function stopped(runner: TaskRunner, exitCode: number | undefined): TaskStatus {
  if (isToStop(runner.task)) {
    return { ...status(TaskState.SHUTDOWN, "shutdown"), exitCode: exitCode ?? null };
  }
  return unhealthyEnd(exitCode);
}

function unhealthyEnd(exitCode: number | null = null): TaskStatus {
  const code = exitCode === null ? "" : `task: non-zero exit (${exitCode}): `;
  const err = `${code}${unhealthyError}`;
  return { ...status(TaskState.FAILED, "started"), err, exitCode };
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

function prepare({ task, container, files, lacks }: TaskRunner): RunnerStep {
  if (lacks !== null) return { status: failed(TaskState.PREPARING, lacks), request: null };
  if (files === null) return wait;
  return ask({ kind: "prepare", task: task.id, assigned: withContainer(task, container), files });
}

function withContainer(task: Task, container: ContainerSpec): Task {
  const { spec } = task;
  return spec.container === container ? task : changedTask(task, { spec: { ...spec, container } });
}

/** Before PREPARING there is nothing to stop. A step under way is overtaken by the shutdown. */
function stop(runner: TaskRunner): RunnerStep {
  const { task } = runner;
  if (runner.step === "shutdown" || runner.step === "linger") return wait;
  if (task.status.state < TaskState.PREPARING) {
    return { status: status(TaskState.SHUTDOWN, "shutdown"), request: null };
  }
  const grace = task.spec.container.stopGracePeriod;
  return ask({ kind: "shutdown", task: task.id, grace });
}

function exited(task: Task, exitCode: number): TaskStatus | null {
  const { state } = task.status;
  if (state !== TaskState.RUNNING && state !== TaskState.STARTING) return null;
  if (isUnhealthy(task)) return unhealthyEnd(exitCode);
  if (exitCode === 0) return { ...status(TaskState.COMPLETE, "finished"), exitCode };
  const err = `task: non-zero exit (${exitCode})`;
  return { ...status(TaskState.FAILED, "started"), err, exitCode };
}

function failed(state: TaskState, err: string): TaskStatus {
  const isStarted = state >= TaskState.STARTING;
  const outcome = isStarted ? TaskState.FAILED : TaskState.REJECTED;
  return { ...status(outcome, isStarted ? "starting" : "preparing"), err };
}

function ask(request: TaskRequest): RunnerStep {
  return { status: null, request };
}

/** The leader stamps it with the cluster's clock when it records it. */
function status(state: TaskState, message: string): TaskStatus {
  return { state, appliedAt: 0 as Timestamp, message, err: "", exitCode: null };
}
