import { isEqual } from "../../core/base/equal.ts";
import { found } from "../../core/base/gather.ts";
import { sortedById } from "../../core/base/order.ts";
import { portKey } from "../../core/model/endpoint.ts";
import type { Backend, Route } from "../../core/model/ingress.ts";
import type { StoreView } from "../../core/store/view.ts";
import { ingressBackends } from "../checkers/serving.ts";
import type { Host } from "../world/host.ts";

/** Why some machine's published ports do not lead where they are `wanted` to; null: all do. */
export function wrongRoutes(
  core: readonly Host[],
  view: StoreView,
  wanted: ReadonlyMap<string, Route>,
): string | null {
  for (const { name, ingress } of core) {
    if (!view.nodes.has(name) || isEqual(ingress.routes, wanted)) continue;
    const keys = new Set([...wanted.keys(), ...ingress.routes.keys()]);
    const wrong = [...keys].find((key) => !isEqual(ingress.routes.get(key), wanted.get(key)));
    return `${name} does not lead ${wrong} where it is to lead`;
  }
  return null;
}

/** Where the published ports lead on every node, by `portKey`. */
export function wantedRoutes(view: StoreView): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route & { readonly backends: Backend[] }>();
  const withPorts = found(view.tasks.values(), (task) =>
    task.status.hostPorts !== undefined ? task : null,
  );
  for (const stored of sortedById(withPorts)) {
    const node = view.nodes.get(stored.nodeId ?? "");
    const address = node?.description.address ?? "";
    for (const { port, at } of ingressBackends(stored, node)) {
      const { protocol, publishedPort } = port;
      const key = portKey({ protocol, publishedPort });
      const route = routes.get(key) ?? { protocol, publishedPort, backends: [] };
      routes.set(key, route);
      route.backends.push({ task: stored.id, address, port: at.hostPort });
    }
  }
  return routes;
}
