import type { Service, ServiceSpec } from "../../core/model/service.ts";
import { type ServiceStatus, serviceStatuses } from "../../core/observe/service-status.ts";
import type { Cluster } from "./cluster.ts";
import { checkWords, filtered, filtersOf, hasLabel, type Tests } from "./filters.ts";
import { bodyOf, isOn, versionOf } from "./lookup.ts";
import { dockerStatus, shownService } from "./map/service.ts";
import { serviceSpecOf } from "./map/service-spec.ts";
import { ApiError, type ApiRequest, type Route, route } from "./routes.ts";
import type { Services } from "./services.ts";
import { listOfTexts, Written } from "./written.ts";

/** `/services` of the cluster. */
export function serviceRoutes(cluster: Cluster, services: Services): Route[] {
  const lean = new Written((service: Service) => shownService(service, false));
  const complete = new Written((service: Service) => shownService(service, true));
  return [
    route("GET", "/services", (request) => list(cluster, services, lean, request)),
    route("POST", "/services/create", (request) => create(cluster, request)),
    route("GET", "/services/:id", async (request) => {
      const service = await services.named(request.params.id ?? "");
      const written = isOn(request, "insertDefaults") ? complete : lean;
      return { status: 200, body: written.bodyOf(service) };
    }),
    route("DELETE", "/services/:id", async ({ params }) => {
      const { id } = await services.named(params.id ?? "");
      await cluster.command({ kind: "remove-service", id });
      return { status: 200 };
    }),
    route("POST", "/services/:id/update", (request) => update(cluster, services, request)),
  ];
}

const tests: Tests<Service> = {
  id: ({ id }, value) => id.startsWith(value),
  name: ({ spec }, value) => spec.name.startsWith(value),
  label: ({ spec }, value) => hasLabel(spec.labels, value),
  mode: ({ spec }, value) => spec.mode.kind === value,
  runtime: (_, value) => value === "container",
};

async function list(
  cluster: Cluster,
  services: Services,
  written: Written<Service>,
  request: ApiRequest,
) {
  const filters = filtersOf(request, Object.keys(tests));
  checkWords(filters, "mode", ["replicated", "global", "replicated-job", "global-job"]);
  const wantsStatus = isOn(request, "status");
  const [known, tasks, nodes] = await Promise.all([
    services.all(),
    wantsStatus ? cluster.query({ kind: "list-tasks", service: null }) : [],
    wantsStatus ? cluster.query({ kind: "list-nodes" }) : [],
  ]);
  const found = filtered(known, filters, tests);
  if (!wantsStatus) return { status: 200, body: written.listOf(found) };
  const statuses = serviceStatuses(found, tasks, nodes);
  const texts = found.map((service) => {
    const status = dockerStatus(statuses.get(service.id) as ServiceStatus);
    return `${written.textOf(service).slice(0, -1)},"ServiceStatus":${JSON.stringify(status)}}`;
  });
  return { status: 200, body: listOfTexts(texts) };
}

async function create(cluster: Cluster, request: ApiRequest) {
  const spec = serviceSpecOf(await request.json(), null);
  const registryAuth = registryAuthOf(request);
  const ID = await cluster.command({ kind: "create-service", spec: withAuth(spec, registryAuth) });
  return { status: 201, body: { ID } };
}

async function update(cluster: Cluster, services: Services, request: ApiRequest) {
  const version = versionOf("service", request);
  const service = await services.named(request.params.id ?? "");
  const { id } = service;
  const rollback = request.query.get("rollback") ?? "";
  if (rollback !== "" && rollback !== "previous") {
    throw new ApiError(400, `unrecognized rollback option ${rollback}`);
  }
  if (rollback === "previous") await cluster.command({ kind: "rollback-service", id, version });
  else {
    const asked = serviceSpecOf(await bodyOf(request), service.spec);
    const spec = withAuth(asked, registryAuthOf(request) || earlierAuth(service, request));
    await cluster.command({ kind: "update-service", id, version, spec });
  }
  return { status: 200, body: { Warnings: null } };
}

function registryAuthOf({ headers }: ApiRequest): string {
  const written = headers["x-registry-auth"];
  return typeof written === "string" ? written : "";
}

/** Who may pull the image is kept from the spec that is replaced, or from the one before. */
function earlierAuth({ spec, previousSpec }: Service, { query }: ApiRequest): string {
  const from = query.get("registryAuthFrom") ?? "";
  if (from === "" || from === "spec") return spec.task.container.registryAuth;
  if (from !== "previous-spec") {
    throw new ApiError(400, "unsupported registryAuthFrom value");
  }
  if (previousSpec === null) throw new ApiError(400, "service does not have a previous spec");
  return previousSpec.task.container.registryAuth;
}

function withAuth(spec: ServiceSpec, registryAuth: string): ServiceSpec {
  return { ...spec, task: { ...spec.task, container: { ...spec.task.container, registryAuth } } };
}
