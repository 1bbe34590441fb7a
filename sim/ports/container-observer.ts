import type { ContainerFile } from "../../core/agent/executor-request.ts";
import type { Task } from "../../core/model/task.ts";

/** Told when a container begins or ends to run: what really is, whatever the cluster believes. */
export interface ContainerObserver {
  /** It begins to make one: of this task, as it was told, with these files. */
  created(host: number, task: Task, files: readonly ContainerFile[]): void;
  started(host: number, task: string): void;
  ended(host: number, task: string): void;
  /** Its health check succeeds from now on, or fails for good. Of containers that have one. */
  healthy(host: number, task: string): void;
  unhealthy(host: number, task: string): void;
}
