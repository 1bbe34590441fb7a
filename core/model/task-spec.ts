import type { Duration } from "../base/time.ts";
import type { ContainerSpec } from "./container-spec.ts";
import type { NetworkAttachment } from "./network.ts";
import type { Platform } from "./node.ts";
import type { Resources } from "./resources.ts";

/** What one task of the service is: immutable once the task exists. */
export interface TaskSpec {
  readonly container: ContainerSpec;
  /** What the scheduler sets aside for the task. */
  readonly reservations: Resources;
  readonly limits: Limits;
  /** How many of each kind of generic resource the scheduler sets aside for the task. */
  readonly genericReservations: ReadonlyMap<string, number>;
  readonly restart: RestartPolicy;
  readonly placement: Placement;
  /** Where the cluster allows preemption, a task may take the room of tasks of lower priority. */
  readonly priority: number;
  /** Empty: the engine's default. */
  readonly networks: readonly NetworkAttachment[];
  /** Null: the engine's default. */
  readonly logDriver: LogDriver | null;
  /** Counted up to replace tasks whose spec is otherwise the same. */
  readonly forceUpdate: number;
}

/** What a task may use at most; 0: as much as there is. */
export interface Limits extends Resources {
  /** Processes and threads. */
  readonly pids: number;
}

/** Where what a container writes goes; names and options are Docker's. */
export interface LogDriver {
  readonly name: string;
  readonly options: ReadonlyMap<string, string>;
}

/** Where tasks may run. Field names follow SwarmKit's `Placement`; affinities are ours. */
export interface Placement {
  /** Expressions of `constraint.ts`; all must hold. */
  readonly constraints: readonly string[];
  /** Labels to spread over, the outermost first: `node.labels.zone`, `engine.labels.rack`. */
  readonly preferences: readonly string[];
  /** Most tasks of the service on one node; 0 means no limit. */
  readonly maxReplicas: number;
  /** Platforms that the image runs on; empty: any. An empty field of one is a wildcard. */
  readonly platforms: readonly Platform[];
  /** Names of services next to whose tasks, on the same node, a task must run. */
  readonly affinity: readonly string[];
  /** Names of services next to whose tasks, on the same node, no task may run. */
  readonly antiAffinity: readonly string[];
  /** Null: the cluster's. */
  readonly strategy: Strategy | null;
}

/** Spread: the node with the fewest tasks. Binpack: the fullest on which the task still fits. */
export type Strategy = "spread" | "binpack";

/** When a task that stopped is replaced. Field names follow SwarmKit's `RestartPolicy`. */
export interface RestartPolicy {
  readonly condition: "none" | "on-failure" | "any";
  /** How long a replacement waits between being created and being started. */
  readonly delay: Duration;
  /**
   * With a cap above `delay`, each failure in a row doubles the wait up to the cap (ours: SwarmKit
   * has a fixed delay only). 0: no back-off.
   */
  readonly maxDelay: Duration;
  /** Most restarts of one slot within `window`; 0 means no limit. */
  readonly maxAttempts: number;
  /** Restarts older than this are forgotten; 0 means none ever is. */
  readonly window: Duration;
}
