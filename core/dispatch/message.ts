import type { Duration } from "../base/time.ts";
import type { Security } from "../model/certificate.ts";
import type { ServingTask } from "../model/ingress.ts";
import type { NodeDescription } from "../model/node.ts";
import type { OverlayNews } from "../model/overlay.ts";
import type { Config, Secret } from "../model/secret.ts";
import type { Standing } from "../model/standing.ts";
import type { Task, TaskStatus } from "../model/task.ts";

/** From an agent to the dispatcher it has chosen. */
export type AgentMessage =
  /**
   * Opens a session; the answer is `session`, `not-leader` or `registration-refused`. `attempt`
   * numbers the tries.
   */
  | {
      readonly kind: "register";
      readonly attempt: number;
      readonly description: NodeDescription;
      /** For how long its container engine has not answered; 0: it does. */
      readonly engineSilentFor: Duration;
    }
  | {
      readonly kind: "heartbeat";
      readonly session: string;
      readonly engineSilentFor: Duration;
    }
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

/**
 * What a node is told of itself in its session, as SwarmKit's `SessionMessage` does; null while the
 * store does not know it.
 */
export interface SessionNode {
  readonly standing: Standing | null;
  /** Also null while the cluster has no certificates. */
  readonly security: Security | null;
}

/** What a node is to run, and what its tasks are to know: all of it, or what has changed. */
export interface Assignments {
  readonly kind: "assignments";
  readonly session: string;
  /** Complete: the tasks are all there are. Incremental: those that changed. */
  readonly type: "complete" | "incremental";
  /** An incremental set is taken only by an agent that has taken this one. */
  readonly appliesTo: number;
  readonly resultsIn: number;
  readonly tasks: readonly Task[];
  readonly removed: readonly string[];
  /** The secrets and configs that tasks of this set name, except for those it has had. */
  readonly files: readonly (Secret | Config)[];
  /** Tasks of any node that serve published ports: all there are, or those that changed. */
  readonly serving: readonly ServingTask[];
  /** Tasks that serve no more. */
  readonly ceased: readonly string[];
  /** Overlays that tasks of the node are in: all of them, or those that there is news of. */
  readonly overlays: readonly OverlayNews[];
}

/** From the dispatcher to an agent. */
export type DispatcherMessage =
  | ({
      readonly kind: "session";
      readonly attempt: number;
      readonly session: string;
      /** The Raft term of the leader that opened it: an agent never goes back to an older one. */
      readonly term: number;
      readonly heartbeatPeriod: Duration;
      readonly managers: readonly string[];
    } & SessionNode)
  /** All of it is told again with each heartbeat, as the message that first told it may be lost. */
  | ({
      readonly kind: "heartbeat-received";
      readonly session: string;
      readonly period: Duration;
    } & SessionNode)
  /** The node's role has changed, or it is to renew its certificate. */
  | ({ readonly kind: "standing"; readonly session: string } & SessionNode)
  /** The node must not take part: whatever it runs is to be stopped. */
  | { readonly kind: "registration-refused"; readonly attempt: number; readonly reason: string }
  /** `attempt` as in the `register` that it answers, or null for another message. */
  | { readonly kind: "not-leader"; readonly attempt: number | null; readonly leader: string | null }
  /** This session has ended: register again. Empty: the node has none here. */
  | { readonly kind: "session-invalid"; readonly session: string }
  | Assignments
  | { readonly kind: "status-recorded"; readonly reports: readonly RecordedReport[] };

export interface RecordedReport {
  readonly task: string;
  readonly state: number;
}

/** A message for one agent. */
export interface ToAgent {
  readonly to: string;
  readonly message: DispatcherMessage;
}
