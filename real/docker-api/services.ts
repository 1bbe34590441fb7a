import type { Service } from "../../core/model/service.ts";
import type { Cluster } from "./cluster.ts";
import { pick } from "./lookup.ts";

/**
 * The services of the cluster, as clients name them.
 *
 * Model: a manager is asked for one service by its name, or for all of them. Clients mostly ask by
 * id, so the names that belong to ids are kept from the last list; whether one still does is seen
 * from the answer. What is not found so is looked for in the list.
 */
export class Services {
  readonly #cluster: Cluster;
  #names: ReadonlyMap<string, string> = new Map();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  async all(): Promise<readonly Service[]> {
    const all = await this.#cluster.query({ kind: "list-services" });
    this.#names = new Map(all.map(({ id, spec }) => [id, spec.name]));
    return all;
  }

  /** By id, by name, or by the beginning of an id. Rejects with an `ApiError`. */
  async named(name: string): Promise<Service> {
    const found = await this.#called(this.#names.get(name) ?? name);
    if (found?.id === name) return found;
    if (found?.spec.name === name && !mayBeId(name)) return found;
    return pick("service", await this.all(), name, ({ spec }) => spec.name);
  }

  async #called(name: string): Promise<Service | undefined> {
    return (await this.#cluster.query({ kind: "get-service", name }))[0];
  }
}

/** An id goes before a name (see `newId`). */
function mayBeId(name: string): boolean {
  return /^[0-9a-z]{25}$/.test(name);
}
