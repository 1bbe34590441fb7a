import type { ServiceMode } from "../core/model/service.ts";

/** How many tasks a service is to have whatever the nodes; 0 for one that follows the nodes. */
export function replicasOf(mode: ServiceMode): number {
  if (mode.kind === "replicated") return mode.replicas;
  return mode.kind === "replicated-job" ? mode.totalCompletions : 0;
}
