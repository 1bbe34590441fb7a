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

export const noEndpoint: EndpointSpec = { mode: "vip", ports: [] };
