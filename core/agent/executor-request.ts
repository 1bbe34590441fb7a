import type { Duration } from "../base/time.ts";
import type { FilePlace } from "../model/container-spec.ts";
import type { HostPort } from "../model/endpoint.ts";
import type { EngineParts } from "../model/node.ts";
import type { Task } from "../model/task.ts";

/**
 * What the agent asks of the executor: whether its engine answers, or one step of one task. It may
 * ask again for what is not answered.
 */
export type ExecutorRequest = TaskRequest | { readonly kind: "ping" };

export type TaskRequest =
  /** Pull the image and create the container. Answered by `prepared` or `failed`. */
  | {
      readonly kind: "prepare";
      readonly task: string;
      /** The whole task: its container, its limits, its ports, and what it is called. */
      readonly assigned: Task;
      /** The secrets and configs that it names: in its memory only, never on a disk. */
      readonly files: readonly ContainerFile[];
    }
  /**
   * Answered by `started` or `failed`; later, when the container ends by itself, by `exited`. A
   * container whose spec has a health check has started only once it is healthy: until then there
   * is no `started`, and `unhealthy` comes when it never is.
   */
  | { readonly kind: "start"; readonly task: string }
  /** Ask it to stop, kill it after `grace`. Answered by `stopped`, also when nothing ran. */
  | { readonly kind: "shutdown"; readonly task: string; readonly grace: Duration }
  /** Delete the container and whatever it left. Not answered. */
  | { readonly kind: "remove"; readonly task: string };

/** A secret or a config as a container sees it; its target is absolute. */
export interface ContainerFile extends FilePlace {
  /** In base 64. */
  readonly data: string;
}

/** What the executor answers, and what it reports by itself. */
export type ExecutorEvent =
  | TaskEvent
  /**
   * The engine has just answered, since the last `ping`. `has`: what there is of it by now, where
   * it has told that too.
   */
  | { readonly kind: "pong"; readonly has?: EngineParts };

/** Of one task. */
export type TaskEvent =
  | { readonly kind: "prepared"; readonly task: string }
  /** With where the node answers for its ports, those in mode `ingress` among them, if it does. */
  | { readonly kind: "started"; readonly task: string; readonly hostPorts?: readonly HostPort[] }
  | { readonly kind: "exited"; readonly task: string; readonly exitCode: number }
  /** `exitCode` is the container's, if there was one that ran. */
  | { readonly kind: "stopped"; readonly task: string; readonly exitCode?: number }
  /**
   * The container's health check has failed as often as its spec allows, before or after it was
   * started. The container goes on until it is asked to stop.
   */
  | { readonly kind: "unhealthy"; readonly task: string }
  /**
   * `temporary` failures are tried again (SwarmKit `exec.IsTemporary`). Those to shut down always
   * are: what runs must be stopped, however long its engine can't be reached.
   */
  | {
      readonly kind: "failed";
      readonly task: string;
      readonly step: "prepare" | "start" | "shutdown";
      readonly error: string;
      readonly temporary: boolean;
    };

/** A container that the executor already has when the node starts. */
export interface ExistingContainer {
  readonly task: string;
  /** Created: it has never run. Ended: it has. */
  readonly state: "created" | "running" | "ended";
  /** What it ended with. Null: it has not ended, or went down with its machine. */
  readonly exitCode: number | null;
  /** Its health check has failed for good: what `unhealthy` would have said while nobody heard. */
  readonly unhealthy: boolean;
}
