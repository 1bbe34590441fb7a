import { type PortConfig, portKey } from "../model/endpoint.ts";
import { invalidArgument, type Rejection } from "../model/rejection.ts";
import type { ServiceSpec } from "../model/service.ts";
import { portConflict } from "../store/port-conflict.ts";
import type { StoreView } from "../store/view.ts";

const highestPort = 65_535;

/** Why a service, `id` or a new one, can't publish its ports, or null. Texts are SwarmKit's. */
export function portProblem(
  view: StoreView,
  id: string | null,
  { endpoint }: ServiceSpec,
): Rejection | null {
  const published = new Set<string>();
  for (const port of endpoint.ports) {
    const problem = ofOne(port, endpoint.mode);
    if (problem !== null) return invalidArgument(problem);
    if (port.publishedPort === 0) continue;
    const key = portKey(port);
    if (published.has(key)) {
      const what = "EndpointSpec: duplicate published ports provided";
      return invalidArgument(what);
    }
    published.add(key);
    const taken = inUse(view, id, port);
    if (taken !== null) return invalidArgument(taken);
  }
  return null;
}

function ofOne(port: PortConfig, mode: "vip" | "dnsrr"): string | null {
  if (port.publishMode === "ingress" && mode === "dnsrr") {
    return "EndpointSpec: port published with ingress mode can't be used with dnsrr mode";
  }
  if (port.publishMode === "ingress" && port.protocol === "sctp") {
    return "EndpointSpec: port published with ingress mode can't be sctp: publish it in host mode";
  }
  if (!isPort(port.targetPort) || port.targetPort === 0) {
    return `EndpointSpec: target port ${port.targetPort} is not between 1 and ${highestPort}`;
  }
  if (isPort(port.publishedPort)) return null;
  return `EndpointSpec: published port ${port.publishedPort} is not between 1 and ${highestPort}`;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= highestPort;
}

function inUse(view: StoreView, id: string | null, port: PortConfig): string | null {
  const conflict = portConflict(view, id, port);
  if (conflict === null) return null;
  const { service, port: its } = conflict;
  const how = its.publishMode === "host" ? "a host-published port" : "an ingress port";
  const who = `service '${service.spec.name}' (${service.id})`;
  return `port '${port.publishedPort}' is already in use by ${who} as ${how}`;
}
