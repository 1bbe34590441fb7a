import { gathered } from "../base/gather.ts";
import { type PortConfig, portKey } from "./endpoint.ts";
import type { Task } from "./task.ts";

/** The ports that a task takes from its node itself, by their keys. */
export function hostPortKeys(ports: readonly PortConfig[]): string[] {
  return ports
    .filter((port) => port.publishMode === "host" && port.publishedPort !== 0)
    .map(portKey);
}

/** The named generic resources that a task holds, as `kind=id`. */
export function namedResourceKeys({ assignedResources }: Task): string[] {
  return gathered(assignedResources, ([kind, ids]) => ids.map((id) => `${kind}=${id}`));
}
