import type { ListedNode } from "../../core/model/node.ts";
import type { Service } from "../../core/model/service.ts";
import type { Task } from "../../core/model/task.ts";
import { nodes, services, tasksOf } from "../ctl/find.ts";
import type { Cluster } from "./cluster.ts";
import { type Filters, filtered, filtersOf, hasLabel, type Tests } from "./filters.ts";
import { pick } from "./lookup.ts";
import { shownTask, stateText } from "./map/task.ts";
import { ApiError, type ApiRequest, type Route } from "./routes.ts";

/** `/tasks` of the cluster. */
export function taskRoutes(cluster: Cluster): Route[] {
  return [
    { method: "GET", path: "/tasks", handle: (request) => list(cluster, request) },
    {
      method: "GET",
      path: "/tasks/:id",
      async handle({ params }) {
        const tasks = await tasksOf(cluster, null);
        const task = pick("task", tasks, params.id ?? "", ({ name }) => name);
        return { status: 200, body: shownTask(task) };
      },
    },
  ];
}

const names = [
  ...["id", "label", "name", "service", "node", "desired-state", "_up-to-date", "runtime"],
] as const;

async function list(cluster: Cluster, request: ApiRequest) {
  const filters = filtersOf(request, names);
  checkStates(filters);
  const known = await services(cluster);
  const wanted = named("service", filters, known, ({ spec }) => spec.name);
  const places = filters.has("node")
    ? named<ListedNode>(
        "node",
        filters,
        await nodes(cluster),
        ({ description }) => description.hostname,
      )
    : null;
  const only = wanted?.size === 1 ? ([...wanted][0] as string) : null;
  const tests = testsOf(new Map(known.map((each) => [each.id, each])), wanted, places);
  const found = filtered(await tasksOf(cluster, only), filters, tests);
  return { status: 200, body: found.map(shownTask) };
}

/** The ids of those that the filter names; null: it is not there. Throws when there is none. */
function named<T extends Service | ListedNode>(
  what: "service" | "node",
  filters: Filters,
  objects: readonly T[],
  nameOf: (object: T) => string,
): ReadonlySet<string> | null {
  const words = filters.get(what);
  if (words === undefined) return null;
  return new Set(words.map((word) => pick(what, objects, word, nameOf).id));
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
    "_up-to-date": ({ serviceId, specVersion }, value) => {
      return (known.get(serviceId)?.specVersion === specVersion) === (value === "true");
    },
    runtime: (_, value) => value === "container",
  };
}

function checkStates(filters: Filters): void {
  const states = ["running", "shutdown", "accepted", "ready", "complete", "remove"];
  const strange = filters.get("desired-state")?.find((state) => !states.includes(state));
  if (strange !== undefined) throw new ApiError(400, `invalid filter 'desired-state=${strange}'`);
}
