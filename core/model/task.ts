import { compareText } from "../base/order.ts";
import type { Timestamp } from "../base/time.ts";
import { changedStatus, changedTask } from "./changed.ts";
import type { EndpointSpec, HostPort, PortConfig } from "./endpoint.ts";
import type { Meta } from "./meta.ts";
import type { AttachedNetwork } from "./network.ts";
import type { Service } from "./service.ts";
import type { LogDriver, TaskSpec } from "./task-spec.ts";
import { TaskState } from "./task-state.ts";

/**
 * One attempt to run a service's container on one node. A task never moves: what failed is
 * replaced by a new task in the same slot.
 */
export interface Task {
  readonly kind: "task";
  readonly id: string;
  readonly meta: Meta;
  readonly serviceId: string;
  /** `service.slot`, or `service.node` for a global service; for people. */
  readonly name: string;
  /** From 1; which of the service's replicas this is. 0: the task of a global service. */
  readonly slot: number;
  /** Written once: by the scheduler, or at its creation for the task of a global service. */
  readonly nodeId: string | null;
  readonly spec: TaskSpec;
  /** The service's `specVersion` that `spec` was taken from. */
  readonly specVersion: number;
  /** The service's endpoint as it was then: a change of it replaces the task. */
  readonly endpoint: EndpointSpec;
  /**
   * Made by an update to take over from a task of another spec, and not to fill a slot. An update
   * counts by these what it has begun and what has failed.
   */
  readonly isUpdate: boolean;
  /** Made to take over from `replaces`, which runs well, on a node that has less to do. */
  readonly isMove: boolean;
  /** Which run of a job it belongs to; null: not to a job. */
  readonly jobIteration: number | null;
  /**
   * The cluster's, as it was when the task was made, where its spec names none. Left out where the
   * cluster had none either.
   */
  readonly logDriver?: LogDriver;
  /**
   * Of its service, as they were when the task was made (SwarmKit `Task.ServiceAnnotations`). Left
   * out where there are none, and where no template may name them.
   */
  readonly serviceLabels?: ReadonlyMap<string, string>;
  /** What it publishes, taken from its service by the allocator. */
  readonly ports: readonly PortConfig[];
  /**
   * Those of `spec.networks` that are not predefined, taken from the store by the allocator: its
   * node is told of no other (SwarmKit `Task.networks`).
   */
  readonly networks: readonly AttachedNetwork[];
  /** The named ones of its generic resources, by kind. Written by the scheduler. */
  readonly assignedResources: ReadonlyMap<string, readonly string[]>;
  /**
   * The task of its slot that goes on until this one runs: this one takes over from it. Null: it
   * begins its slot, or its predecessor had stopped or was to stop already.
   */
  readonly replaces: string | null;
  /**
   * The task of higher priority that takes this one's room: this one is to stop, and is replaced
   * where there is room for it. Null: none does. Written by the scheduler.
   */
  readonly preemptedBy: string | null;
  /** The node whose room is being cleared for this task, which is pending. By the scheduler. */
  readonly nominatedNodeId: string | null;
  /** Not to be started before this moment of the cluster's clock: a restart's delay. */
  readonly startAt: Timestamp;
  /** What its slot's restart policy had counted when it was made. */
  readonly restarts: RestartCount;
  /** Written only by the orchestrator; never goes down. */
  readonly desiredState: TaskState;
  /**
   * Why it was taken from a node that is there and takes tasks, written as it is asked to stop: it
   * ends as REJECTED then. Left out of all others.
   */
  readonly rejectedFor?: RejectionReason;
  /** When the leader recorded that it runs; null: it never did. */
  readonly runningSince: Timestamp | null;
  readonly status: TaskStatus;
}

/**
 * What a restart policy counts in a slot, written into each of its tasks at its creation, so that
 * the newest one says it all: a new leader reads the same, however short the history is. SwarmKit
 * rebuilds its counts from the old tasks (`taskinit`), which must be kept for that.
 *
 * Only restarts after a task that ended by itself are counted. What was lost with its node, or
 * taken from it, is replaced without an attempt being used up (moby/moby#32416).
 */
export interface RestartCount {
  /** Attempts used up within this version of the spec, this task among them. */
  readonly attempts: number;
  /** Tasks before this one that ended by themselves soon after their start, one after another. */
  readonly failuresInRow: number;
  /** True when this task is itself an attempt, and no first task or replacement of a lost one. */
  readonly isAttempt: boolean;
}

/** Of a task that begins its slot, or its version of the spec in it. */
export const noRestarts: RestartCount = { attempts: 0, failuresInRow: 0, isAttempt: false };

/**
 * What its node no longer has for a task: what the task or its service asks of a node, or a volume,
 * which is drained.
 */
export type RejectionReason = "constraints" | "volume";

/** What a slot is called in its service: its number, or the node of a global service. */
export type SlotKey = number | string;

/** The name of the task's service, which never has another one. */
export function serviceNameOf({ name }: Pick<Task, "name">): string {
  return name.slice(0, name.indexOf("."));
}

/** The slot of a task in its service. */
export function slotOf({ slot, nodeId }: Task): SlotKey {
  return slot === 0 ? (nodeId ?? "") : slot;
}

/** True of what its job's present run has made, and of every task of a service that is no job. */
export function isOfPresentRun({ job }: Pick<Service, "job">, task: Task): boolean {
  return task.jobIteration === (job?.iteration ?? null);
}

/** The order in which tasks keep their room: the highest priority, then the oldest. */
export function mostWorthyFirst(left: Task, right: Task): number {
  return (
    right.spec.priority - left.spec.priority ||
    left.meta.createdAt - right.meta.createdAt ||
    compareText(left.id, right.id)
  );
}

/** Where what the task writes goes; null: where its engine has it go. */
export function logDriverOf({ spec, logDriver }: Task): LogDriver | null {
  return spec.logDriver ?? logDriver ?? null;
}

/**
 * What tells a program which generic resources its task was given, values by variable: the names of
 * the things, or how many they are (SwarmKit `genericresource`).
 */
export function resourceVariables({ assignedResources, spec }: Task): readonly [string, string][] {
  return [...spec.genericReservations].map(([kind, count]) => {
    const ids = assignedResources.get(kind) ?? [];
    return [`DOCKER_RESOURCE_${kind.toUpperCase()}`, ids.length > 0 ? ids.join(",") : `${count}`];
  });
}

/** The task, given up: `message` says why nobody knows any more what became of it. */
export function orphaned(task: Task, message: string, appliedAt: Timestamp): Task {
  const state = TaskState.ORPHANED;
  return changedTask(task, { status: changedStatus(task.status, { state, appliedAt, message }) });
}

/**
 * What is stored of a task that has stopped, as its node says, after it was taken from there, in
 * the words of SwarmKit's `constraintenforcer` and `volumeenforcer`. Those say so at once, while
 * the task may still run.
 */
export function rejected(stopped: TaskStatus, reason: RejectionReason): TaskStatus {
  const state = TaskState.REJECTED;
  const isOfVolume = reason === "volume";
  const message = `task rejected by ${isOfVolume ? "volume" : "constraint"} enforcer`;
  const err = isOfVolume
    ? "attached to volume which is being drained"
    : "assigned node no longer meets constraints";
  return changedStatus(stopped, { state, message, err, isLost: true });
}

/** Where a task is. From ASSIGNED on it is the agent that says so. */
export interface TaskStatus {
  readonly state: TaskState;
  /** When the leader recorded it, on the cluster's clock. */
  readonly appliedAt: Timestamp;
  readonly message: string;
  /** Empty when nothing went wrong. */
  readonly err: string;
  /** Of the container, once it has stopped by itself. */
  readonly exitCode: number | null;
  /**
   * The task did not end by itself: its machine crashed under it, or it was taken from its node.
   * The restart policy counts no failure then. Absent in every other status.
   */
  readonly isLost?: true;
  /** Of a task that runs and publishes ports: where its node answers for them. Else left out. */
  readonly hostPorts?: readonly HostPort[];
}
