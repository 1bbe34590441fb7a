import type { Timestamp } from "../base/time.ts";
import type { EndpointSpec, PortConfig } from "./endpoint.ts";
import type { Meta } from "./meta.ts";
import type { TaskSpec } from "./task-spec.ts";
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
  /** Which run of a job it belongs to; null: not to a job. */
  readonly jobIteration: number | null;
  /** What it publishes, taken from its service by the allocator. */
  readonly ports: readonly PortConfig[];
  /** The named ones of its generic resources, by kind. Written by the scheduler. */
  readonly assignedResources: ReadonlyMap<string, readonly string[]>;
  /** Not to be started before this moment of the cluster's clock: a restart's delay. */
  readonly startAt: Timestamp;
  /** Written only by the orchestrator; never goes down. */
  readonly desiredState: TaskState;
  /** When the leader recorded that it runs; null: it never did. */
  readonly runningSince: Timestamp | null;
  readonly status: TaskStatus;
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
}

/** What an agent says of a container that it no longer finds when it has started again. */
export const lostInRestart = "container is gone after a restart of its node";

/** True when the task ended with its node, which says nothing about the task itself. */
export function isLostWithNode({ status }: Task): boolean {
  return status.state === TaskState.ORPHANED || status.err === lostInRestart;
}
