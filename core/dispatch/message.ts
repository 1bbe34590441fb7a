import type { Duration } from "../base/time.ts";
import type { Security } from "../model/certificate.ts";
import type { NodeDescription } from "../model/node.ts";
import type { Config, Secret } from "../model/secret.ts";
import type { Task, TaskStatus } from "../model/task.ts";

/** From an agent to the dispatcher it has chosen. */
export type AgentMessage =
  /** Opens a session; the answer is `session`, or `not-leader`. `attempt` numbers the tries. */
  | { readonly kind: "register"; readonly attempt: number; readonly description: NodeDescription }
  | { readonly kind: "heartbeat"; readonly session: string }
  /** What changed; repeated until `status-recorded` names it. */
  | {
      readonly kind: "task-status";
      readonly session: string;
      readonly reports: readonly TaskReport[];
    }
  | { readonly kind: "assignments-received"; readonly session: string; readonly sequence: number };

export interface TaskReport {
  readonly task: string;
  readonly status: TaskStatus;
}

/** From the dispatcher to an agent. */
export type DispatcherMessage =
  | {
      readonly kind: "session";
      readonly attempt: number;
      readonly session: string;
      /** The Raft term of the leader that opened it: an agent never goes back to an older one. */
      readonly term: number;
      readonly heartbeatPeriod: Duration;
      readonly managers: readonly string[];
      readonly security: Security | null;
    }
  | {
      readonly kind: "heartbeat-received";
      readonly session: string;
      readonly period: Duration;
      /** Told each time, so that it does not matter when one is lost; null before there is a CA. */
      readonly security: Security | null;
    }
  /** `attempt` as in the `register` that it answers, or null for another message. */
  | { readonly kind: "not-leader"; readonly attempt: number | null; readonly leader: string | null }
  /** This session has ended: register again. */
  | { readonly kind: "session-invalid"; readonly session: string }
  | {
      readonly kind: "assignments";
      readonly session: string;
      /** Complete: the tasks are all there are. Incremental: those that changed. */
      readonly type: "complete" | "incremental";
      /** An incremental set is taken only by an agent that has taken this one. */
      readonly appliesTo: number;
      readonly resultsIn: number;
      readonly tasks: readonly Task[];
      readonly removed: readonly string[];
      /** The secrets and configs that tasks of this set name, but for those it has had. */
      readonly files: readonly (Secret | Config)[];
    }
  | { readonly kind: "status-recorded"; readonly reports: readonly RecordedReport[] };

export interface RecordedReport {
  readonly task: string;
  readonly state: number;
}
