import type { Change, NamedTable, StoreObject, Table } from "../model/change.ts";
import { type Rejection, rejection } from "../model/rejection.ts";
import type { Named } from "./names.ts";

/** What changes are checked against. */
interface Stored {
  object(table: Table, id: string): StoreObject | undefined;
  named(table: NamedTable, name: string): StoreObject | undefined;
}

/** Why these changes can't all be made, in SwarmKit's words; or null. */
export function refusalOf(stored: Stored, changes: readonly Change[]): Rejection | null {
  for (const change of changes) {
    const refused = refusalOfOne(stored, change);
    if (refused !== null) return refused;
  }
  return null;
}

function refusalOfOne(stored: Stored, change: Change): Rejection | null {
  if (change.kind === "create") return refusalOfCreation(stored, change.object);
  if (change.kind === "remove") return refusalAt(stored, change.table, change.id, change.version);
  const { kind, id, meta } = change.object;
  return refusalAt(stored, kind, id, meta.version);
}

function refusalAt(stored: Stored, table: Table, id: string, version: number): Rejection | null {
  const current = stored.object(table, id);
  if (current === undefined) return rejection("NotFound", `${table} ${id} not found`);
  if (current.meta.version === version) return null;
  return rejection("FailedPrecondition", "update out of sequence");
}

function refusalOfCreation(stored: Stored, object: StoreObject): Rejection | null {
  if (stored.object(object.kind, object.id) !== undefined) {
    return rejection("AlreadyExists", `${object.kind} ${object.id} already exists`);
  }
  if (isNamed(object) && stored.named(object.kind, object.spec.name) !== undefined) {
    return rejection("AlreadyExists", `${object.kind} ${object.spec.name} already exists`);
  }
  return null;
}

function isNamed(object: StoreObject): object is Named {
  return object.kind !== "task" && object.kind !== "node" && object.kind !== "cluster";
}
