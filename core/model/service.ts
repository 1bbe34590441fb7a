import type { Timestamp } from "../base/time.ts";
import type { EndpointSpec, PortConfig } from "./endpoint.ts";
import type { Meta } from "./meta.ts";
import type { TaskSpec } from "./task-spec.ts";
import type { UpdateConfig, UpdateStatus } from "./update-config.ts";

/** Tasks that the cluster keeps running. Field names follow SwarmKit's `Service`. */
export interface Service {
  readonly kind: "service";
  readonly id: string;
  readonly meta: Meta;
  readonly spec: ServiceSpec;
  /** Counts the changes of `spec.task` and `spec.endpoint`; a task carries its service's. */
  readonly specVersion: number;
  /** What a rollback goes back to; null when there is nothing, or when it has been used up. */
  readonly previousSpec: ServiceSpec | null;
  /** Null while no update has begun since the spec was last changed. Written by the updater. */
  readonly updateStatus: UpdateStatus | null;
  /** The ports of `spec.endpoint`, each with the number that it was given. By the allocator. */
  readonly ports: readonly PortConfig[];
  /**
   * Those of `spec.dependsOn` that do not run in full yet; its tasks are prepared meanwhile but not
   * started. Once it is empty it stays so: a service waits once in its life, and neither restarts
   * nor updates nor more replicas wait again. Written by the orchestrator.
   */
  readonly waitsFor: readonly string[];
  /** Null unless the service is a job. */
  readonly job: JobStatus | null;
  /**
   * When a user asked for its tasks to be moved to nodes with less to do, one after the other; null
   * once there is nothing to gain, or where nobody asked.
   */
  readonly rebalanceRequestedAt: Timestamp | null;
}

/** Which run of a job this is: each update of the service starts another. */
export interface JobStatus {
  readonly iteration: number;
  readonly lastExecution: Timestamp;
}

export interface ServiceSpec {
  /** Unique in the cluster; a DNS label of at most 63 characters. */
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly mode: ServiceMode;
  readonly task: TaskSpec;
  readonly update: UpdateConfig;
  readonly rollback: UpdateConfig;
  readonly endpoint: EndpointSpec;
  /**
   * Names of services that must run in full, all at the same time, before this one is started for
   * the first time: see `Service.waitsFor`. Ours: Swarm declined to have it (moby/moby#31333). As
   * with compose's `depends_on`, it is about the start and not about the life after it.
   */
  readonly dependsOn: readonly string[];
}

/** Its spec, and the one that an update which is under way may be rolled back to. */
export function specsInUse({ spec, previousSpec, updateStatus }: Service): ServiceSpec[] {
  const isUnderWay = updateStatus !== null && updateStatus.completedAt === null;
  return isUnderWay && previousSpec !== null ? [spec, previousSpec] : [spec];
}

/** True of a service whose tasks run to their end and are then done. */
export function isJob({ mode }: ServiceSpec): boolean {
  return mode.kind === "replicated-job" || mode.kind === "global-job";
}

/** True of a service that has a slot on each node, so that it concerns every change of one. */
export function isOnEveryNode({ mode }: ServiceSpec): boolean {
  return mode.kind === "global" || mode.kind === "global-job";
}

export type ServiceMode =
  | { readonly kind: "replicated"; readonly replicas: number }
  /** One task on every node that it may run on. */
  | { readonly kind: "global" }
  /** Tasks are run until `totalCompletions` have completed, `maxConcurrent` at a time at most. */
  | {
      readonly kind: "replicated-job";
      readonly maxConcurrent: number;
      readonly totalCompletions: number;
    }
  /** One task that is run to its end on every node that it may run on. */
  | { readonly kind: "global-job" };
