import type { ClusterSource } from "../../../core/observe/source.ts";
import { patienceOf } from "../../command-line/units.ts";
import { contextsPath, type Endpoint, readContexts } from "../contexts.ts";
import { clientOf, type EndpointOptions, endpointOf } from "../endpoint.ts";
import { LiveCluster } from "./cluster-source.ts";

/** What `swarmctl top` is told. */
export interface TopOptions extends EndpointOptions {
  /** How long the answer to a command may take: `30s`. */
  readonly timeout: string;
  /** More managers of the cluster, to go on with when one is gone: sockets, or host and port. */
  readonly managers: readonly string[];
}

const usualPort = "4242";

/**
 * The cluster that the options mean, as something to watch. Other managers are those named, those
 * kept as contexts, and those that the cluster names itself, where there is an identity to be shown
 * to them. Throws where the options make no sense.
 */
export function clusterSource(options: TopOptions, env: NodeJS.ProcessEnv): ClusterSource {
  const chosen = endpointOf(options, env);
  const { identity } = chosen;
  const own = identity === undefined ? {} : { identity };
  const named = options.managers.map((address) => ({ address, ...own }));
  const { contexts, current } = readContexts(contextsPath(env));
  const kept = Object.values(contexts).filter((each) => isUsable(each));
  const byAddress = (all: readonly Endpoint[]) => new Map(all.map((each) => [each.address, each]));
  const trusted = byAddress([chosen, ...named]);
  const endpoints = new Map([...byAddress(kept), ...trusted]);
  const isContext = options.socket === undefined && env.SWARM_SOCKET === undefined;
  const context = options.context ?? (isContext ? (env.SWARM_CONTEXT ?? current) : undefined);
  return new LiveCluster({
    title: context ?? chosen.address,
    addresses: [...trusted.keys()],
    others: [...endpoints.keys()],
    addressAt: (host) => (identity === undefined ? null : `${bracketed(host)}:${portOf(chosen)}`),
    connect: (address, patienceMs) =>
      clientOf(endpoints.get(address) ?? { address, ...own }, patienceMs),
    patienceMs: patienceOf(options.timeout) / 1_000,
  });
}

function isUsable({ address, identity }: Endpoint): boolean {
  return identity !== undefined || address.startsWith("/") || address.startsWith("unix:");
}

/** Managers mostly listen at the same port. */
function portOf({ address }: Endpoint): string {
  return /^[^/]*:(\d+)$/.exec(address)?.[1] ?? usualPort;
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
