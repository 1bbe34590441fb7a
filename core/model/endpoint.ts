/** How a service can be reached from outside. Field names follow SwarmKit's `EndpointSpec`. */
export interface EndpointSpec {
  readonly mode: "vip" | "dnsrr";
  readonly ports: readonly PortConfig[];
}

export interface PortConfig {
  readonly name: string;
  readonly protocol: "tcp" | "udp" | "sctp";
  /** In the container. */
  readonly targetPort: number;
  /** Outside; 0 in a spec: to be chosen by the cluster, or by the node for `host`. */
  readonly publishedPort: number;
  /** `ingress`: on every node. `host`: on the nodes where the tasks are. */
  readonly publishMode: "ingress" | "host";
}

/** Where a node answers for a port of a task that runs on it (SwarmKit `PortStatus`). */
export interface HostPort {
  readonly protocol: PortConfig["protocol"];
  readonly targetPort: number;
  readonly hostPort: number;
}

/** The numbers that a service keeps from others: those it asks for, and those it has. */
export function portsTaken(service: {
  readonly spec: { readonly endpoint: EndpointSpec };
  readonly ports: readonly PortConfig[];
}): PortConfig[] {
  const { spec, ports } = service;
  return [...spec.endpoint.ports, ...ports].filter(({ publishedPort }) => publishedPort > 0);
}

/** Two ports with the same key can't be published in the same place. */
export function portKey({ protocol, publishedPort }: PublishedPort): string {
  return `${protocol} ${publishedPort}`;
}

/** What makes a published port its own. */
export type PublishedPort = Pick<PortConfig, "protocol" | "publishedPort">;

export const noEndpoint: EndpointSpec = { mode: "vip", ports: [] };
