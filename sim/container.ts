import type { ExistingContainer } from "../core/agent/executor-request.ts";
import type { HealthConfig } from "../core/model/container-spec.ts";
import type { HostPort } from "../core/model/endpoint.ts";
import type { Task } from "../core/model/task.ts";
import { type Program, programOf } from "./program.ts";

/** One container of a simulated machine. */
export interface Container {
  readonly task: string;
  readonly image: string;
  readonly health: HealthConfig | null;
  readonly program: Program;
  /** Where the machine answers for its ports. */
  readonly hostPorts: readonly HostPort[];
  isHealthy: boolean;
  isUnhealthy: boolean;
  /** Null until it has ended otherwise than with its machine. */
  exitCode: number | null;
  state: "preparing" | "created" | "starting" | "running" | "stopping" | "stopped";
  /** Counted up by each request, so that an answer to an overtaken one is dropped. */
  request: number;
}

/** For a task that its machine is asked to prepare for. */
export function newContainer({ id: task, spec }: Task, hostPorts: readonly HostPort[]): Container {
  const { image, health, env } = spec.container;
  const healthy = { isHealthy: false, isUnhealthy: false, exitCode: null };
  const program = programOf(env);
  return { task, image, health, program, hostPorts, ...healthy, state: "preparing", request: 0 };
}

/** What a node that starts finds of it. */
export function leftOf(state: Container["state"]): ExistingContainer["state"] {
  switch (state) {
    case "running":
    case "stopping":
      return "running";
    case "stopped":
      return "ended";
    default:
      return "created";
  }
}
