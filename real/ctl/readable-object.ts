import type { QueryResult } from "../../core/control/command.ts";
import { queryObject } from "../wire/control.ts";
import { type Readable, readable } from "../wire/readable.ts";

/**
 * An object as JSON or YAML shows it: a listed node is a node that says what manager it is, and who
 * may pull an image is not said.
 */
export function readableObject(object: QueryResult[number]): Readable {
  const shown = withoutAuth(readable(queryObject, object)) as { readonly [name: string]: Readable };
  if (!("managerStatus" in object)) return shown;
  const { node, managerStatus } = shown.listed as { readonly [name: string]: Readable };
  return { kind: "node", ...(node as object), managerStatus: managerStatus ?? null };
}

function withoutAuth(shown: Readable): Readable {
  if (typeof shown !== "object" || shown === null) return shown;
  if (Array.isArray(shown)) return shown.map(withoutAuth);
  const fields = Object.entries(shown);
  return Object.fromEntries(
    fields.map(([name, value]) => [name, name === "registryAuth" ? "" : withoutAuth(value)]),
  );
}
