import { type PortConfig, portKey, portsTaken } from "../model/endpoint.ts";
import type { Service } from "../model/service.ts";
import type { StoreView } from "./view.ts";

/** What keeps a service from publishing a port. */
export interface PortConflict {
  readonly service: Service;
  readonly port: PortConfig;
}

/**
 * Who has the port that the service `id`, or one to be created (null), would publish; null: nobody.
 * Two services may publish a port on hosts: the scheduler keeps their tasks apart.
 */
export function portConflict(
  view: StoreView,
  id: string | null,
  port: PortConfig,
): PortConflict | null {
  for (const service of view.publishersOf(port)) {
    if (service.id === id) continue;
    const its = portsTaken(service).find((taken) => portKey(taken) === portKey(port));
    if (its === undefined) continue;
    const areOnHosts = its.publishMode === "host" && port.publishMode === "host";
    if (!areOnHosts) return { service, port: its };
  }
  return null;
}
