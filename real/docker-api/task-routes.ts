import { isEqual } from "../../core/base/equal.ts";
import type { Service } from "../../core/model/service.ts";
import type { Task } from "../../core/model/task.ts";
import type { Cluster } from "./cluster.ts";
import { checkWords, type Filters, filtered, filtersOf, hasLabel, type Tests } from "./filters.ts";
import { nodeIdOf, pick } from "./lookup.ts";
import { shownTask, stateText } from "./map/task.ts";
import type { ApiRequest, Route } from "./routes.ts";
import type { Services } from "./services.ts";
import { Written } from "./written.ts";

/** `/tasks` of the cluster. */
export function taskRoutes(cluster: Cluster, services: Services): Route[] {
  const written = new Written(shownTask);
  return [
    {
      method: "GET",
      path: "/tasks",
      handle: (request) => list(cluster, services, written, request),
    },
    {
      method: "GET",
      path: "/tasks/:id",
      async handle({ params }) {
        const tasks = await cluster.query({ kind: "list-tasks", service: null });
        const task = pick("task", tasks, params.id ?? "", ({ name }) => name);
        return { status: 200, body: written.bodyOf(task) };
      },
    },
  ];
}

const states = ["running", "shutdown", "accepted", "ready", "complete", "remove"];

const names = [
  ...["id", "label", "name", "service", "node", "desired-state", "_up-to-date", "runtime"],
] as const;

async function list(
  cluster: Cluster,
  services: Services,
  written: Written<Task>,
  request: ApiRequest,
) {
  const filters = filtersOf(request, names);
  checkWords(filters, "desired-state", states);
  const known = await servicesFor(services, filters);
  const wanted = filters.has("service") ? new Set(known.keys()) : null;
  const places = await placesFor(cluster, filters);
  const only = wanted?.size === 1 ? ([...wanted][0] as string) : null;
  const found = filtered(
    await cluster.query({ kind: "list-tasks", service: only }),
    filters,
    testsOf(known, wanted, places),
  );
  return { status: 200, body: written.listOf(found) };
}

/** By id: those that the filter names, or all where the filters need them. */
async function servicesFor(
  services: Services,
  filters: Filters,
): Promise<ReadonlyMap<string, Service>> {
  const words = filters.get("service");
  const isNeeded = words !== undefined || filters.has("_up-to-date");
  const all = words === undefined && isNeeded ? await services.all() : [];
  const named = await Promise.all((words ?? []).map((word) => services.named(word)));
  return new Map([...all, ...named].map((service) => [service.id, service]));
}

/** The ids of the nodes that the filter names; null: it is not there. */
async function placesFor(cluster: Cluster, filters: Filters): Promise<ReadonlySet<string> | null> {
  const words = filters.get("node");
  if (words === undefined) return null;
  return new Set(await Promise.all(words.map((word) => nodeIdOf(cluster, word))));
}

function testsOf(
  known: ReadonlyMap<string, Service>,
  wanted: ReadonlySet<string> | null,
  places: ReadonlySet<string> | null,
): Tests<Task> {
  return {
    id: ({ id }, value) => id.startsWith(value),
    name: ({ name }, value) => name.startsWith(value),
    label: ({ spec }, value) => hasLabel(spec.container.labels, value),
    service: ({ serviceId }) => wanted?.has(serviceId) ?? true,
    node: ({ nodeId }) => nodeId !== null && (places?.has(nodeId) ?? true),
    "desired-state": ({ desiredState }, value) => stateText(desiredState) === value,
    "_up-to-date": (task, value) => {
      return isUpToDate(task, known.get(task.serviceId)) === (value === "true");
    },
    runtime: (_, value) => value === "container",
  };
}

/** A rollback goes back to what some tasks have kept all along: clients wait for those too. */
function isUpToDate({ spec, specVersion, endpoint }: Task, service: Service | undefined): boolean {
  if (service === undefined || service.specVersion === specVersion) return service !== undefined;
  return isEqual(spec, service.spec.task) && isEqual(endpoint, service.spec.endpoint);
}
