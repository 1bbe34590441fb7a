import type { Node } from "../../../core/model/node.ts";
import { nodeOfMember } from "../../../core/model/standing.ts";

const idShown = 6;

/** Nodes by the names that people know: hostnames, with a piece of the id where two share one. */
export class NodeNames {
  readonly #names = new Map<string, string>();
  readonly #ids = new Map<string, string>();

  /** All nodes that there are; the names of those that were stay known. */
  learn(nodes: readonly Node[]): void {
    const counts = new Map<string, number>();
    for (const { description } of nodes) {
      counts.set(description.hostname, (counts.get(description.hostname) ?? 0) + 1);
    }
    for (const { id, description } of nodes) {
      const { hostname } = description;
      const isOwn = hostname !== "" && counts.get(hostname) === 1;
      const name = isOwn ? hostname : `${hostname}.${id.slice(0, idShown)}`;
      this.#names.set(id, name);
      this.#ids.set(name, id);
    }
  }

  readonly nameOf = (id: string): string => this.#names.get(id) ?? id;

  /** Of the node that has this name in Raft. */
  readonly memberName = (member: string): string => this.nameOf(nodeOfMember(member));

  idOf(name: string): string | null {
    return this.#ids.get(name) ?? null;
  }
}
