import type { Network } from "../../core/model/network.ts";
import type { ListedNode } from "../../core/model/node.ts";
import type { Config, Secret } from "../../core/model/secret.ts";
import type { Service } from "../../core/model/service.ts";
import type { Task } from "../../core/model/task.ts";
import type { Volume } from "../../core/model/volume.ts";
import type { ControlClient } from "../api/control-client.ts";
import type { Session } from "./session.ts";

/** Whoever answers for the cluster. */
type Asked = Pick<ControlClient, "query">;

/** Finds what people name: by id, by name, or by the beginning of an id that only one has. */

export async function services(client: Asked): Promise<readonly Service[]> {
  return (await client.query({ kind: "list-services" })) as readonly Service[];
}

export async function nodes(client: Asked): Promise<readonly ListedNode[]> {
  return (await client.query({ kind: "list-nodes" })) as readonly ListedNode[];
}

/** What nodes are called, by id; of none where ids are to be shown as they are. */
export async function hostnames({
  client,
  showsNames,
}: Pick<Session, "client" | "showsNames">): Promise<ReadonlyMap<string, string>> {
  if (!showsNames) return new Map();
  return new Map((await nodes(client)).map(({ id, description }) => [id, description.hostname]));
}

export async function secrets(client: Asked): Promise<readonly Secret[]> {
  return (await client.query({ kind: "list-secrets" })) as readonly Secret[];
}

export async function configs(client: Asked): Promise<readonly Config[]> {
  return (await client.query({ kind: "list-configs" })) as readonly Config[];
}

export async function volumes(client: Asked): Promise<readonly Volume[]> {
  return (await client.query({ kind: "list-volumes" })) as readonly Volume[];
}

export async function networks(client: Asked): Promise<readonly Network[]> {
  return (await client.query({ kind: "list-networks" })) as readonly Network[];
}

/** Null: of all services. */
export async function tasksOf(client: Asked, service: string | null): Promise<readonly Task[]> {
  return (await client.query({ kind: "list-tasks", service })) as readonly Task[];
}

/** The one that `name` means; throws when there is none, or more than one. */
export function pick<T extends { readonly id: string }>(
  what: string,
  objects: readonly T[],
  name: string,
  nameOf: (object: T) => string,
): T {
  const exact = objects.filter((each) => each.id === name || nameOf(each) === name);
  const found = exact.length > 0 ? exact : objects.filter(({ id }) => id.startsWith(name));
  const [first, second] = found;
  if (first === undefined)
    throw new Error(`there is no ${what} '${name}': see 'swarmctl ${what} ls'`);
  if (second === undefined) return first;
  const ids = found.map(({ id }) => id).join(", ");
  throw new Error(`'${name}' could be any of ${ids}: write more of the id`);
}

export async function serviceNamed(client: Asked, name: string): Promise<Service> {
  return pick("service", await services(client), name, ({ spec }) => spec.name);
}

export async function nodeNamed(client: Asked, name: string): Promise<ListedNode> {
  return pick("node", await nodes(client), name, ({ description }) => description.hostname);
}
