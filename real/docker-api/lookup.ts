import type { ListedNode } from "../../core/model/node.ts";
import { named } from "../api/named.ts";
import type { Cluster } from "./cluster.ts";
import { ApiError, type ApiRequest } from "./routes.ts";

/** The one that `name` means. Throws an `ApiError` in Docker's words. */
export function pick<T extends { readonly id: string }>(
  what: string,
  objects: readonly T[],
  name: string,
  nameOf: (object: T) => string,
): T {
  const found = named(objects, name, nameOf);
  const [first, second] = found;
  if (first === undefined) throw new ApiError(404, `${what} ${name} not found`);
  if (second === undefined) return first;
  throw new ApiError(400, `${what} ${name} is ambiguous (${found.length} matches found)`);
}

export async function nodeNamed(cluster: Cluster, name: string): Promise<ListedNode> {
  return pick(
    "node",
    await cluster.query({ kind: "list-nodes" }),
    name,
    ({ description }) => description.hostname,
  );
}

/** The same where only the id is wanted: one that is whole is not looked for in the list. */
export async function nodeIdOf(cluster: Cluster, name: string): Promise<string> {
  const [found] = await cluster.query({ kind: "get-node", id: name });
  return found === undefined ? (await nodeNamed(cluster, name)).id : name;
}

/** The cluster with its certificates: without any it can't be used yet. */
export async function settingsOf(cluster: Cluster) {
  const [found] = await cluster.query({ kind: "get-cluster" });
  if (found === undefined || found.ca === null) {
    throw new ApiError(503, "the cluster has no certificates yet: try again");
  }
  return { object: found, ca: found.ca };
}

/** The parameter `version`: the object's as it was read. Throws an `ApiError`. */
export function versionOf(what: string, { query }: ApiRequest): number {
  const written = query.get("version") ?? "";
  if (/^\d{1,15}$/.test(written)) return Number(written);
  throw new ApiError(
    400,
    `invalid ${what} version '${written}': it must be the number that was read`,
  );
}

const ofQuery = [
  ...["version", "registryAuthFrom", "rollback"],
  ...["rotateWorkerToken", "rotateManagerToken", "rotateManagerUnlockKey"],
];

/** The body, without what is in the query: dockerode sends that in both. */
export async function bodyOf({ query, json }: ApiRequest): Promise<unknown> {
  const body = await json();
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const isOfBody = ([name]: [string, unknown]) => !(ofQuery.includes(name) && query.has(name));
  return Object.fromEntries(Object.entries(body).filter(isOfBody));
}

/** A flag of the query, as Docker reads them. */
export function isOn({ query }: ApiRequest, name: string): boolean {
  const written = (query.get(name) ?? "").trim().toLowerCase();
  return !["", "0", "no", "false", "none"].includes(written);
}
