import type { Network } from "../../core/model/network.ts";
import { durationOf } from "../command-line/units.ts";
import type { Cluster } from "./cluster.ts";
import type { EngineConnection } from "./engine-connection.ts";
import { checkWords, filtered, filtersOf, hasLabel, type Tests } from "./filters.ts";
import { pick } from "./lookup.ts";
import {
  networkSpecOf,
  predefinedNetworks,
  type ShownNetwork,
  shownNetwork,
} from "./map/network.ts";
import { momentOf } from "./moment.ts";
import { containersIn } from "./network-containers.ts";
import { ApiError, type ApiRequest, type Route, route } from "./routes.ts";

/** `/networks` of the cluster: those that were created, and those that are always there. */
export function networkRoutes(cluster: Cluster, engine: EngineConnection | null): Route[] {
  return [
    route("GET", "/networks", async (request) => {
      const filters = filtersOf(request, Object.keys(tests));
      checkWords(filters, "type", ["builtin", "custom"]);
      checkWords(filters, "scope", ["local", "swarm", "global"]);
      return { status: 200, body: filtered(await all(cluster, "local"), filters, tests) };
    }),
    route("POST", "/networks/create", async (request) => {
      const spec = networkSpecOf(await request.json());
      const Id = await cluster.command({ kind: "create-network", spec });
      return { status: 201, body: { Id, Warning: "" } };
    }),
    route("POST", "/networks/prune", (request) => prune(cluster, request)),
    route("GET", "/networks/:id", async (request) => {
      const network = await named(cluster, request);
      const Containers = await containersIn(network, engine, request.signal);
      return { status: 200, body: { ...network, Containers } };
    }),
    route("DELETE", "/networks/:id", async (request) => {
      const { Id: id } = await named(cluster, request);
      await cluster.command({ kind: "remove-network", id });
      return { status: 204 };
    }),
  ];
}

const tests: Tests<ShownNetwork> = {
  id: ({ Id }, value) => Id.startsWith(value),
  name: ({ Name }, value) => Name.includes(value),
  driver: ({ Driver }, value) => Driver === value,
  scope: ({ Scope }, value) => Scope === value,
  label: ({ Labels }, value) => hasLabel(new Map(Object.entries(Labels)), value),
  type: ({ Id, Name }, value) => (value === "builtin") === (Id === Name),
  dangling: (_, value) => value === "false",
};

/** Removes those that no service uses. */
async function prune(cluster: Cluster, request: ApiRequest) {
  const filters = filtersOf(request, ["label", "label!", "until"]);
  const untils = filters.get("until") ?? [];
  const before = Math.min(...untils.map(untilOf));
  const narrowing = new Map([...filters].filter(([name]) => name !== "until"));
  const found = (await cluster.query({ kind: "list-networks" })).filter(
    ({ meta }) => meta.createdAt < before,
  );
  const NetworksDeleted: string[] = [];
  for (const network of filtered(found, narrowing, pruneTests)) {
    if (await isRemoved(cluster, network.id)) NetworksDeleted.push(network.spec.name);
  }
  return { status: 200, body: { NetworksDeleted } };
}

/** A moment, or how long ago one was: `24h` (moby `timetypes.GetTimestamp`). */
function untilOf(text: string): number {
  try {
    return Date.now() * 1_000 - durationOf(text);
  } catch {
    return momentOf("until", text) ?? Infinity;
  }
}

const pruneTests: Tests<Network> = {
  label: ({ spec }, value) => hasLabel(spec.labels, value),
  "label!": ({ spec }, value) => !hasLabel(spec.labels, value),
};

/** False: it is in use, or somebody else was faster. */
async function isRemoved(cluster: Cluster, id: string): Promise<boolean> {
  return cluster.command({ kind: "remove-network", id }).then(
    () => true,
    (error: unknown) => {
      if (error instanceof ApiError && error.status < 500) return false;
      throw error;
    },
  );
}

async function all(cluster: Cluster, builtInScope: "local" | "swarm"): Promise<ShownNetwork[]> {
  return [
    ...predefinedNetworks(builtInScope),
    ...(await cluster.query({ kind: "list-networks" })).map(shownNetwork),
  ];
}

async function named(cluster: Cluster, { params, query }: ApiRequest): Promise<ShownNetwork> {
  const scope = query.get("scope") ?? "";
  const known = await all(cluster, scope === "swarm" ? "swarm" : "local");
  const found = known.filter(({ Scope }) => scope === "" || Scope === scope);
  const candidates = found.map((network) => ({ id: network.Id, network }));
  return pick("network", candidates, params.id ?? "", ({ network }) => network.Name).network;
}
