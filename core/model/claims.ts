import type { PortConfig } from "./endpoint.ts";
import type { Task } from "./task.ts";

/** The ports that a task takes from its node itself, as `protocol/port`. */
export function hostPortKeys(ports: readonly PortConfig[]): string[] {
  return ports
    .filter((port) => port.publishMode === "host" && port.publishedPort !== 0)
    .map((port) => `${port.protocol}/${port.publishedPort}`);
}

/** The named generic resources that a task holds, as `kind=id`. */
export function namedResourceKeys({ assignedResources }: Task): string[] {
  return [...assignedResources].flatMap(([kind, ids]) => ids.map((id) => `${kind}=${id}`));
}
