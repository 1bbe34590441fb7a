import type { Duration, Timestamp } from "../base/time.ts";

/** How a changed spec reaches the running tasks. Field names follow SwarmKit's `UpdateConfig`. */
export interface UpdateConfig {
  /** Most slots replaced at once; 0 means all. */
  readonly parallelism: number;
  /**
   * Of the `parallelism` slots at work, each rests for this long when its new task runs or has
   * failed before the next slot takes its turn (SwarmKit's updater has as many workers).
   */
  readonly delay: Duration;
  /** What to do when more than `maxFailureRatio` of the slots have failed. */
  readonly failureAction: "pause" | "continue" | "rollback";
  /** A new task that stops this soon after it began to run has failed. */
  readonly monitor: Duration;
  /** From 0 to 1, in millionths: no failure, up to all of them. */
  readonly maxFailureRatioPpm: number;
  readonly order: "stop-first" | "start-first";
  /**
   * An update that gets on in no slot for this long is paused with the reason; 0: never. Ours: in
   * SwarmKit an update that can't be scheduled hangs.
   */
  readonly progressDeadline: Duration;
}

/** Where the last update of a service stands. Names follow SwarmKit's `UpdateStatus`. */
export interface UpdateStatus {
  readonly state: UpdateState;
  /** Of a rollback: when that began. SwarmKit keeps the time of the update that is rolled back. */
  readonly startedAt: Timestamp;
  /** Null until it has come to an end, which a pause is not. */
  readonly completedAt: Timestamp | null;
  readonly message: string;
  /** How many slots were to be replaced when it began; null: the updater has not looked yet. */
  readonly slots: number | null;
}

export type UpdateState =
  | "updating"
  | "paused"
  | "completed"
  | "rollback_started"
  | "rollback_paused"
  | "rollback_completed";

/** True while the updater is at work on the service. */
export function isUpdating(status: UpdateStatus | null): boolean {
  return status?.state === "updating" || status?.state === "rollback_started";
}

/** True when the updater waits for the user, whose next change of the service it takes up. */
export function isPaused(status: UpdateStatus | null): boolean {
  return status?.state === "paused" || status?.state === "rollback_paused";
}

/** True until the update is complete: the updater is at work, or waits for the user. */
export function isUnfinished(status: UpdateStatus | null): boolean {
  return isUpdating(status) || isPaused(status);
}

/** True for each state of a rollback. */
export function isRollback(status: UpdateStatus | null): boolean {
  return status?.state.startsWith("rollback_") ?? false;
}
