import type { ExportedCluster, ExportedNode } from "../../core/observe/exported-cluster.ts";
import { isReserved } from "../scenario/check-selectors.ts";

/** What the machines of a real cluster are called in a scenario, and the other way round. */
export class MachineNames {
  readonly #byId = new Map<string, string>();
  readonly #shown = new Map<string, string>();
  readonly #byHostname = new Map<string, string>();

  /** A host name is that of the machine that is up: the same one may have been a node before. */
  constructor({ nodes }: ExportedCluster) {
    const taken = new Set<string>();
    const down = nodes.filter((node) => !isUp(node));
    for (const node of [...nodes.filter(isUp), ...down]) {
      const name = nameOf(node, taken);
      taken.add(name);
      this.#byId.set(node.id, name);
      this.#shown.set(name, name === node.id ? node.id : node.hostname);
      const hostname = node.hostname.toLowerCase();
      if (!this.#byHostname.has(hostname)) this.#byHostname.set(hostname, name);
    }
  }

  /** By id; an id is what it was given when the cluster was exported. */
  of({ id }: Pick<ExportedNode, "id">): string {
    return this.#byId.get(id) as string;
  }

  /** What people call the machine of this name. */
  readonly shown = (name: string): string => this.#shown.get(name) ?? name;

  /** By id or host name, as constraints and people name nodes; null: there is none. */
  find(word: string): string | null {
    return this.#byId.get(word) ?? this.#byHostname.get(word.toLowerCase()) ?? null;
  }
}

/** True of a node that was not called down when the cluster was exported. */
export function isUp({ state }: ExportedNode): boolean {
  return state !== "down";
}

/** Its host name as a scenario can have it; its id where that is nothing, or another's. */
function nameOf({ id, hostname }: ExportedNode, taken: ReadonlySet<string>): string {
  const name = hostname.replace(/[^a-z0-9-]+/gi, "-").replace(/^-+|-+$/g, "");
  const isFree = name !== "" && name.length <= 63 && !taken.has(name) && !isReserved(name);
  return isFree ? name : id;
}
