import type { QueryResult } from "../../core/control/command.ts";
import { queryObject } from "../wire/control.ts";
import { type Readable, readable } from "../wire/readable.ts";

/** An object as JSON or YAML shows it; a listed node is a node that says what manager it is. */
export function readableObject(object: QueryResult[number]): Readable {
  const shown = readable(queryObject, object) as { readonly [name: string]: Readable };
  if (!("managerStatus" in object)) return shown;
  const { node, managerStatus } = shown.listed as { readonly [name: string]: Readable };
  return { kind: "node", ...(node as object), managerStatus: managerStatus ?? null };
}
