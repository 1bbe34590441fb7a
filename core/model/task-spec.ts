import type { Duration } from "../base/time.ts";
import type { Mount } from "./mount.ts";
import type { Platform } from "./node.ts";
import type { Resources } from "./resources.ts";

/** What one task of the service is: immutable once the task exists. */
export interface TaskSpec {
  readonly container: ContainerSpec;
  /** What the scheduler sets aside for the task. */
  readonly reservations: Resources;
  /** How many of each kind of generic resource the scheduler sets aside for the task. */
  readonly genericReservations: ReadonlyMap<string, number>;
  readonly restart: RestartPolicy;
  readonly placement: Placement;
  /** Where the cluster allows preemption, a task may take the room of tasks of lower priority. */
  readonly priority: number;
  /** Counted up to replace tasks whose spec is otherwise the same. */
  readonly forceUpdate: number;
}

export interface ContainerSpec {
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly mounts: readonly Mount[];
  readonly secrets: readonly FileReference[];
  readonly configs: readonly FileReference[];
  /** Null: the task runs as soon as its container does. */
  readonly health: HealthConfig | null;
  /** From asking a container to stop until it is killed. */
  readonly stopGracePeriod: Duration;
}

/** A secret or a config as a file in the container. */
export interface FileReference {
  /** Of the secret or the config. */
  readonly id: string;
  /** Its name when the reference was made, for people. */
  readonly name: string;
  /** The path in the container. */
  readonly target: string;
}

/** How the executor finds out whether a container is healthy. Names follow Docker's. */
export interface HealthConfig {
  readonly test: readonly string[];
  readonly interval: Duration;
  readonly timeout: Duration;
  /** So many failures in a row make the container unhealthy. */
  readonly retries: number;
  /** Failures this early do not count. */
  readonly startPeriod: Duration;
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
