import type { Service } from "../../core/model/service.ts";
import type { Task } from "../../core/model/task.ts";
import { isDirty } from "../../core/orchestrate/dirty.ts";
import type { Cluster } from "./cluster.ts";
import { checkWords, type Filters, filtered, filtersOf, hasLabel, type Tests } from "./filters.ts";
import { nodeIdOf, pick } from "./lookup.ts";
import { shownTask, stateText } from "./map/task.ts";
import { type ApiRequest, type Route, route } from "./routes.ts";
import type { Services } from "./services.ts";
import { Written } from "./written.ts";

/** `/tasks` of the cluster. */
export function taskRoutes(cluster: Cluster, services: Services): Route[] {
  const written = new Written(shownTask);
  return [
    route("GET", "/tasks", (request) => list(cluster, services, written, request)),
    route("GET", "/tasks/:id", async ({ params }) => {
      const tasks = await cluster.query({ kind: "list-tasks", service: null });
      const task = pick("task", tasks, params.id ?? "", ({ name }) => name);
      return { status: 200, body: written.bodyOf(task) };
    }),
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
  const tests = await testsFor(cluster, services, filters);
  const [only = null, more] = tests.services ?? [];
  const service = more === undefined ? only : null;
  const found = await cluster.query({ kind: "list-tasks", service });
  return { status: 200, body: written.listOf(filtered(found, filters, tests.ofTask)) };
}

interface TaskTests {
  /** Ids of those that the filter names; null: it names none. */
  readonly services: readonly string[] | null;
  readonly ofTask: Tests<Task>;
}

/** The cluster is asked for no more than the filters need. */
async function testsFor(
  cluster: Cluster,
  services: Services,
  filters: Filters,
): Promise<TaskTests> {
  const wanted = await idsFor(filters, "service", async (name) => (await services.named(name)).id);
  const places = await idsFor(filters, "node", (name) => nodeIdOf(cluster, name));
  const isUpToDate = filters.has("_up-to-date")
    ? await upToDate(cluster, services, filters.get("service"))
    : () => true;
  const labels = filters.has("label") ? await labelsOfServices(services) : noLabels;
  const ofTask: Tests<Task> = {
    id: ({ id }, value) => id.startsWith(value),
    name: ({ name }, value) => name.startsWith(value),
    label: ({ serviceId }, value) => hasLabel(labels.get(serviceId) ?? new Map(), value),
    service: ({ serviceId }) => wanted?.includes(serviceId) ?? true,
    node: ({ nodeId }) => nodeId !== null && (places?.includes(nodeId) ?? true),
    "desired-state": ({ desiredState }, value) => stateText(desiredState) === value,
    "_up-to-date": isUpToDate,
    runtime: (_, value) => value === "container",
  };
  return { services: wanted, ofTask };
}

/** What a filter's values name; null: there is no such filter. */
async function idsFor(
  filters: Filters,
  filter: string,
  idOf: (name: string) => Promise<string>,
): Promise<readonly string[] | null> {
  const words = filters.get(filter);
  return words === undefined ? null : [...new Set(await Promise.all(words.map(idOf)))];
}

type Labels = Service["spec"]["labels"];

const noLabels: ReadonlyMap<string, Labels> = new Map();

/** By id. A task goes by the labels of its service, as `docker stack ps` asks for them. */
async function labelsOfServices(services: Services): Promise<ReadonlyMap<string, Labels>> {
  return new Map((await services.all()).map(({ id, spec }) => [id, spec.labels]));
}

/** A rollback goes back to what some tasks have kept all along: clients wait for those too. */
async function upToDate(
  cluster: Cluster,
  services: Services,
  names: readonly string[] | undefined,
): Promise<(task: Task) => boolean> {
  const nodes = await cluster.query({ kind: "list-nodes" });
  const view = { nodes: new Map(nodes.map((node) => [node.id, node])) };
  const named = names?.map((name) => services.named(name));
  const known = named === undefined ? await services.all() : await Promise.all(named);
  const byId = new Map(known.map((service) => [service.id, service]));
  return (task) => {
    const service = byId.get(task.serviceId);
    return service !== undefined && !isDirty(view, service, task);
  };
}
