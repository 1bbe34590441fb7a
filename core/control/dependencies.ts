import { invalidArgument, type Rejection } from "../model/rejection.ts";
import type { ServiceSpec } from "../model/service.ts";
import type { StoreView } from "../store/view.ts";
import { inUse } from "./decided.ts";

/**
 * Why a service may not depend on what its spec names, or null. As with compose, a name without a
 * service is refused and so is a circle: either would wait for ever, and most often is a slip.
 */
export function dependencyProblem(view: StoreView, spec: ServiceSpec): Rejection | null {
  for (const name of spec.dependsOn) {
    if (name === spec.name) return invalidArgument(`service ${name} cannot depend on itself`);
    if (view.named("service", name) === undefined) {
      return invalidArgument(
        `service ${spec.name} depends on ${name}, which does not exist: create it first`,
      );
    }
    const way = wayBack(view, name, spec.name);
    if (way === null) continue;
    return invalidArgument(
      `services cannot depend on each other: ${[spec.name, ...way].join(" -> ")}`,
    );
  }
  return null;
}

/** Why the service of this name may not be removed, or null: the specs in use of others name it. */
export function dependentsProblem(view: StoreView, name: string): Rejection | null {
  const used = inUse(view, `service '${name}'`, ({ dependsOn }) => dependsOn.includes(name));
  if (used === null) return null;
  return invalidArgument(`${used}; change what they depend on, or remove them first`);
}

/** The names from `start` to `end` along what services depend on; null when none leads there. */
function wayBack(view: StoreView, start: string, end: string): string[] | null {
  const ways = [[start]];
  const seen = new Set([start]);
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    const last = way[way.length - 1] as string;
    if (last === end) return way;
    for (const next of view.named("service", last)?.spec.dependsOn ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return null;
}
