import type { ExistingContainer } from "../../core/agent/executor-request.ts";
import type { HealthConfig } from "../../core/model/container-spec.ts";
import type { HostPort } from "../../core/model/endpoint.ts";
import { type OverlayPlace, overlayPlaces } from "../../core/model/overlay.ts";
import type { Task } from "../../core/model/task.ts";
import { type Program, programOf } from "./program.ts";

/** What a simulated engine knows of one container. */
export interface Container {
  readonly task: string;
  readonly image: string;
  readonly health: HealthConfig | null;
  readonly program: Program;
  /** Where the machine answers for its ports. */
  readonly hostPorts: readonly HostPort[];
  /** Its address in each overlay. */
  readonly places: readonly OverlayPlace[];
  isHealthy: boolean;
  isUnhealthy: boolean;
  /** Null until it has ended otherwise than with its machine. */
  exitCode: number | null;
  /** Its node asked for its start after it had asked for its end. */
  isUnwanted: boolean;
  state: "preparing" | "created" | "starting" | "running" | "stopping" | "stopped";
  /** Counted up by each request, so that an answer to an overtaken one is dropped. */
  request: number;
}

export function newContainer(assigned: Task, hostPorts: readonly HostPort[]): Container {
  const { id: task, spec } = assigned;
  const { image, health, env } = spec.container;
  const healthy = { isHealthy: false, isUnhealthy: false, exitCode: null, isUnwanted: false };
  const program = programOf(env);
  const own = { program, hostPorts, places: overlayPlaces(assigned) };
  return { task, image, health, ...own, ...healthy, state: "preparing", request: 0 };
}

/** How it is found by a node that starts. */
function leftOf(state: Container["state"]): ExistingContainer["state"] {
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

/** The container as a node finds it. */
export function existing({ task, state, exitCode, isUnhealthy }: Container): ExistingContainer {
  return { task, state: leftOf(state), exitCode, unhealthy: isUnhealthy };
}

/** It runs, though it may have been asked to stop. */
export function isUp({ state }: Container): boolean {
  return leftOf(state) === "running";
}

/** It is there, runs, and its health check has not failed for good. */
export function isWell(container: Container | undefined): boolean {
  return container !== undefined && !container.isUnhealthy && isUp(container);
}
