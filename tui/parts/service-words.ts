import type { ServiceFrame } from "../../core/observe/frame.ts";

export function isJob({ mode }: ServiceFrame): boolean {
  return mode === "replicated-job" || mode === "global-job";
}

/** Tasks that do what they are to do: run or, of a job, have completed. */
export function doneOf(service: ServiceFrame): number {
  return isJob(service) ? service.completed : service.running;
}
