import type { Duration, Timestamp } from "../base/time.ts";

/** How a changed spec reaches the running tasks. Field names follow SwarmKit's `UpdateConfig`. */
export interface UpdateConfig {
  /** Most slots replaced at once; 0 means all. */
  readonly parallelism: number;
  /** Pause after each slot. */
  readonly delay: Duration;
  /** What to do when more than `maxFailureRatio` of the slots have failed. */
  readonly failureAction: "pause" | "continue" | "rollback";
  /** A new task that stops this soon after it began to run has failed. */
  readonly monitor: Duration;
  /** From 0 to 1, in millionths: no failure, up to all of them. */
  readonly maxFailureRatioPpm: number;
  readonly order: "stop-first" | "start-first";
  /**
   * An update of which no slot gets on for so long is paused with the reason; 0: never. Ours: in
   * SwarmKit an update that can't be scheduled hangs.
   */
  readonly progressDeadline: Duration;
}

/** Where the last update of a service stands. Names follow SwarmKit's `UpdateStatus`. */
export interface UpdateStatus {
  readonly state: UpdateState;
  readonly startedAt: Timestamp;
  /** Null until it has come to an end, which a pause is not. */
  readonly completedAt: Timestamp | null;
  readonly message: string;
}

export type UpdateState =
  | "updating"
  | "paused"
  | "completed"
  | "rollback_started"
  | "rollback_paused"
  | "rollback_completed";
