import type { Config, Secret } from "../../core/model/secret.ts";
import type { Cluster } from "./cluster.ts";
import { filtered, filtersOf, hasLabel, type Tests } from "./filters.ts";
import { bodyOf, pick, versionOf } from "./lookup.ts";
import { fileSpecOf, shownFile } from "./map/file.ts";
import type { ApiRequest, Route } from "./routes.ts";

type Kind = "secret" | "config";

/** `/secrets` or `/configs` of the cluster: they differ in little but their names. */
export function fileRoutes(cluster: Cluster, kind: Kind): Route[] {
  const path = `/${kind}s`;
  const named = async ({ params }: ApiRequest) =>
    pick(
      kind,
      await cluster.query({ kind: `list-${kind}s` as const }),
      params.id ?? "",
      ({ spec }) => spec.name,
    );
  return [
    {
      method: "GET",
      path,
      async handle(request) {
        const filters = filtersOf(request, Object.keys(tests));
        const found = filtered(
          await cluster.query({ kind: `list-${kind}s` as const }),
          filters,
          tests,
        );
        return { status: 200, body: found.map(shownFile) };
      },
    },
    {
      method: "POST",
      path: `${path}/create`,
      async handle(request) {
        const spec = fileSpecOf(await request.json());
        return {
          status: 201,
          body: { ID: await cluster.command({ kind: `create-${kind}`, spec }) },
        };
      },
    },
    {
      method: "GET",
      path: `${path}/:id`,
      handle: async (request) => ({ status: 200, body: shownFile(await named(request)) }),
    },
    {
      method: "DELETE",
      path: `${path}/:id`,
      async handle(request) {
        const { id } = await named(request);
        await cluster.command({ kind: `remove-${kind}`, id });
        return { status: 204 };
      },
    },
    {
      method: "POST",
      path: `${path}/:id/update`,
      async handle(request) {
        const version = versionOf(kind, request);
        const spec = fileSpecOf(await bodyOf(request));
        const { id } = await named(request);
        await cluster.command({ kind: `update-${kind}`, id, version, spec });
        return { status: 200 };
      },
    },
  ];
}

const tests: Tests<Secret | Config> = {
  id: ({ id }, value) => id.startsWith(value),
  name: ({ spec }, value) => spec.name.startsWith(value),
  names: ({ spec }, value) => spec.name === value,
  label: ({ spec }, value) => hasLabel(spec.labels, value),
};
