import type { Config, Secret } from "../../core/model/secret.ts";
import type { Cluster } from "./cluster.ts";
import { filtered, filtersOf, hasLabel, type Tests } from "./filters.ts";
import { bodyOf, pick, versionOf } from "./lookup.ts";
import { fileSpecOf, shownFile } from "./map/file.ts";
import { type ApiRequest, type Route, route } from "./routes.ts";

type Kind = "secret" | "config";

/** `/secrets` or `/configs` of the cluster: they differ in little but their names. */
export function fileRoutes(cluster: Cluster, kind: Kind): Route[] {
  const path = `/${kind}s`;
  const all = () => cluster.query({ kind: `list-${kind}s` as const });
  const named = async ({ params }: ApiRequest) =>
    pick(kind, await all(), params.id ?? "", ({ spec }) => spec.name);
  return [
    route("GET", path, async (request) => {
      const filters = filtersOf(request, Object.keys(tests));
      return { status: 200, body: filtered(await all(), filters, tests).map(shownFile) };
    }),
    route("POST", `${path}/create`, async (request) => {
      const spec = fileSpecOf(await request.json());
      const ID = await cluster.command({ kind: `create-${kind}`, spec });
      return { status: 201, body: { ID } };
    }),
    route("GET", `${path}/:id`, async (request) => ({
      status: 200,
      body: shownFile(await named(request)),
    })),
    route("DELETE", `${path}/:id`, async (request) => {
      const { id } = await named(request);
      await cluster.command({ kind: `remove-${kind}`, id });
      return { status: 204 };
    }),
    route("POST", `${path}/:id/update`, async (request) => {
      const version = versionOf(kind, request);
      const spec = fileSpecOf(await bodyOf(request));
      const { id } = await named(request);
      await cluster.command({ kind: `update-${kind}`, id, version, spec });
      return { status: 200 };
    }),
  ];
}

const tests: Tests<Secret | Config> = {
  id: ({ id }, value) => id.startsWith(value),
  name: ({ spec }, value) => spec.name.startsWith(value),
  names: ({ spec }, value) => spec.name === value,
  label: ({ spec }, value) => hasLabel(spec.labels, value),
};
