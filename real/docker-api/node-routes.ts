import type { ListedNode } from "../../core/model/node.ts";
import type { Cluster } from "./cluster.ts";
import { checkWords, filtered, filtersOf, hasLabel, type Tests } from "./filters.ts";
import { bodyOf, isOn, nodeIdOf, nodeNamed, settingsOf, versionOf } from "./lookup.ts";
import { nodeSpecOf, shownNode } from "./map/node.ts";
import { tlsInfo } from "./map/swarm.ts";
import { type ApiRequest, type Route, route } from "./routes.ts";

/** `/nodes` of the cluster. */
export function nodeRoutes(cluster: Cluster): Route[] {
  return [
    route("GET", "/nodes", async (request) => {
      const filters = filtersOf(request, Object.keys(tests));
      checkWords(filters, "role", ["worker", "manager"]);
      checkWords(filters, "membership", ["accepted", "pending"]);
      const found = filtered(await cluster.query({ kind: "list-nodes" }), filters, tests);
      const tlsOf = await tlsOfIssuer(cluster);
      return { status: 200, body: found.map((node) => shownNode(node, tlsOf)) };
    }),
    route("GET", "/nodes/:id", async ({ params }) => {
      const node = await nodeNamed(cluster, params.id ?? "");
      return { status: 200, body: shownNode(node, await tlsOfIssuer(cluster)) };
    }),
    route("DELETE", "/nodes/:id", async (request) => {
      const id = await nodeIdOf(cluster, request.params.id ?? "");
      await cluster.command({ kind: "remove-node", id, force: isOn(request, "force") });
      return { status: 200 };
    }),
    route("POST", "/nodes/:id/update", (request) => update(cluster, request)),
  ];
}

const tests: Tests<ListedNode> = {
  id: ({ id }, value) => id.startsWith(value),
  name: ({ description }, value) => description.hostname.startsWith(value),
  label: ({ description }, value) => hasLabel(description.engineLabels, value),
  "node.label": ({ spec }, value) => hasLabel(spec.labels, value),
  membership: (_, value) => value === "accepted",
  role: ({ role }, value) => role === value,
};

async function tlsOfIssuer(cluster: Cluster): Promise<(issuer: string | null) => object> {
  const { ca } = await settingsOf(cluster);
  const known = new Map<string | null, object>();
  return (issuer) => {
    const tls = known.get(issuer) ?? tlsInfo(ca, issuer);
    known.set(issuer, tls);
    return tls;
  };
}

async function update(cluster: Cluster, request: ApiRequest) {
  const version = versionOf("node", request);
  const spec = nodeSpecOf(await bodyOf(request));
  const id = await nodeIdOf(cluster, request.params.id ?? "");
  await cluster.command({ kind: "update-node", id, version, spec });
  return { status: 200 };
}
