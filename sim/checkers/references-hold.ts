import { unreachable } from "../../core/base/assert.ts";
import type { StoreObject } from "../../core/model/change.ts";
import { isPredefined } from "../../core/model/network.ts";
import type { ServiceSpec } from "../../core/model/service.ts";
import type { StoreView } from "../../core/store/view.ts";
import type { Commit, History } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/** The secrets, configs, networks and volumes that a service names are there as long as it does. */
export class ReferencesHold implements Checker {
  readonly name = "references-hold";
  readonly source = "SwarmKit controlapi: what is in use is not removed";
  checks = 0;
  readonly #history: Pick<History, "view">;

  constructor(history: Pick<History, "view">) {
    this.#history = history;
  }

  committed({ events }: Pick<Commit, "events">): void {
    const { view } = this.#history;
    for (const { kind, previous, current } of events) {
      if (kind === "service" && current !== null) this.#check(view, current.spec);
      if (current === null && previous !== null) this.#checkGone(view, previous);
    }
  }

  #check(view: StoreView, spec: ServiceSpec): void {
    const named = namedBy(spec);
    if (named.length === 0) return;
    this.checks += 1;
    const lost = named.find(({ table, id }) => !isThere(view, table, id));
    if (lost !== undefined) this.#fail(spec.name, lost.table, lost.id);
  }

  #checkGone(view: StoreView, gone: StoreObject): void {
    const { kind } = gone;
    if (kind !== "secret" && kind !== "config" && kind !== "network" && kind !== "volume") return;
    this.checks += 1;
    const id = gone.kind === "volume" ? gone.spec.name : gone.id;
    for (const { spec } of view.services.values()) {
      const isNamed = namedBy(spec).some((each) => each.table === kind && each.id === id);
      if (isNamed) this.#fail(spec.name, kind, id);
    }
  }

  #fail(service: string, table: Referred, id: string): never {
    const detail = `the service ${service} names the ${table} ${id}, which is not there`;
    throw new BrokenInvariant(this.name, null, detail);
  }
}

/** Volumes are named by their names, all others by their ids. */
type Referred = "secret" | "config" | "network" | "volume";

function namedBy({ task }: ServiceSpec): { table: Referred; id: string }[] {
  const { secrets, configs, mounts } = task.container;
  const volumes = mounts.filter(({ kind }) => kind === "cluster");
  const networks = task.networks.filter(({ target }) => !isPredefined(target));
  return [
    ...secrets.map(({ id }) => ({ table: "secret", id }) as const),
    ...configs.map(({ id }) => ({ table: "config", id }) as const),
    ...networks.map(({ target: id }) => ({ table: "network", id }) as const),
    ...volumes.map(({ source: id }) => ({ table: "volume", id }) as const),
  ];
}

function isThere(view: StoreView, table: Referred, id: string): boolean {
  switch (table) {
    case "secret":
      return view.secrets.has(id);
    case "config":
      return view.configs.has(id);
    case "network":
      return view.networks.has(id);
    case "volume":
      return view.named("volume", id) !== undefined;
    default:
      return unreachable(table);
  }
}
