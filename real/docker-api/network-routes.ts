import { networks } from "../ctl/find.ts";
import type { Cluster } from "./cluster.ts";
import { filtered, filtersOf, hasLabel, type Tests } from "./filters.ts";
import { pick } from "./lookup.ts";
import {
  networkSpecOf,
  predefinedNetworks,
  type ShownNetwork,
  shownNetwork,
} from "./map/network.ts";
import type { ApiRequest, Route } from "./routes.ts";

/** `/networks` of the cluster: those that were created, and those that are always there. */
export function networkRoutes(cluster: Cluster): Route[] {
  return [
    {
      method: "GET",
      path: "/networks",
      async handle(request) {
        const filters = filtersOf(request, Object.keys(tests));
        return { status: 200, body: filtered(await all(cluster), filters, tests) };
      },
    },
    {
      method: "POST",
      path: "/networks/create",
      async handle(request) {
        const spec = networkSpecOf(await request.json());
        const Id = await cluster.command({ kind: "create-network", spec });
        return { status: 201, body: { Id, Warning: "" } };
      },
    },
    {
      method: "GET",
      path: "/networks/:id",
      handle: async (request) => ({ status: 200, body: await named(cluster, request) }),
    },
    {
      method: "DELETE",
      path: "/networks/:id",
      async handle(request) {
        const { Id: id } = await named(cluster, request);
        await cluster.command({ kind: "remove-network", id });
        return { status: 204 };
      },
    },
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

async function all(cluster: Cluster): Promise<ShownNetwork[]> {
  return [...predefinedNetworks(), ...(await networks(cluster)).map(shownNetwork)];
}

async function named(cluster: Cluster, { params, query }: ApiRequest): Promise<ShownNetwork> {
  const scope = query.get("scope") ?? "";
  const found = (await all(cluster)).filter(({ Scope }) => scope === "" || Scope === scope);
  const candidates = found.map((network) => ({ id: network.Id, network }));
  return pick("network", candidates, params.id ?? "", ({ network }) => network.Name).network;
}
