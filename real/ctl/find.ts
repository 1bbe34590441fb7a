import type { Cluster } from "../../core/model/cluster.ts";
import type { ListedNode } from "../../core/model/node.ts";
import type { Service } from "../../core/model/service.ts";
import type { ControlClient } from "../api/control-client.ts";
import { named } from "../api/named.ts";
import { oneLine } from "./output.ts";
import type { Session } from "./session.ts";

/** What nodes are called, by id; of none where ids are to be shown as they are. */
export async function hostnames({
  client,
  showsNames,
}: Pick<Session, "client" | "showsNames">): Promise<ReadonlyMap<string, string>> {
  if (!showsNames) return new Map();
  const nodes = await client.query({ kind: "list-nodes" });
  return new Map(nodes.map(({ id, description }) => [id, oneLine(description.hostname)]));
}

/**
 * The one that `name` means; throws when there is none, or more than one. `listedBy`: whose `ls`
 * shows what there is.
 */
export function pick<T extends { readonly id: string }>(
  what: string,
  objects: readonly T[],
  name: string,
  nameOf: (object: T) => string,
  listedBy = what,
): T {
  const found = named(objects, name, nameOf);
  const [first, second] = found;
  if (first === undefined)
    throw new Error(`there is no ${what} '${name}': see 'swarmctl ${listedBy} ls'`);
  if (second === undefined) return first;
  const ids = found.map(({ id }) => id).join(", ");
  throw new Error(`'${name}' could be any of ${ids}: write more of the id`);
}

/** The same of what its spec names. */
export function pickNamed<
  T extends { readonly id: string; readonly spec: { readonly name: string } },
>(what: string, objects: readonly T[], name: string): T {
  return pick(what, objects, name, ({ spec }) => spec.name);
}

export async function serviceNamed(client: ControlClient, name: string): Promise<Service> {
  return pickNamed("service", await client.query({ kind: "list-services" }), name);
}

export async function nodeNamed(client: ControlClient, name: string): Promise<ListedNode> {
  const nodes = await client.query({ kind: "list-nodes" });
  return pick("node", nodes, name, ({ description }) => description.hostname);
}

/** The only one that a manager knows, if its id or `default` is meant. */
export async function clusterNamed(client: ControlClient, name = "default"): Promise<Cluster> {
  const [cluster] = await client.query({ kind: "get-cluster" });
  if (cluster === undefined) throw new Error("the cluster has no settings yet: try again");
  const id = cluster.ca?.organization ?? "";
  if (name === "default" || id.startsWith(name)) return cluster;
  throw new Error(`there is no cluster '${name}' here: this one is ${id}`);
}
