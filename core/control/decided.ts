import { sortedText } from "../base/order.ts";
import {
  type Change,
  creationOf,
  type NamedTable,
  removalOf,
  type StoreObject,
  updateOf,
} from "../model/change.ts";
import { type Rejection, rejection } from "../model/rejection.ts";
import { type ServiceSpec, specsInUse } from "../model/service.ts";
import type { StoreView } from "../store/view.ts";

/** What a command comes to when it is not refused. */
export interface Decided {
  /** Of the object that the command is about. */
  readonly id: string;
  readonly changes: readonly Change[];
}

export function creating(object: StoreObject): Decided {
  return { id: object.id, changes: [creationOf(object)] };
}

export function updating(object: StoreObject): Decided {
  return { id: object.id, changes: [updateOf(object)] };
}

export function removing(object: StoreObject): Decided {
  return { id: object.id, changes: [removalOf(object)] };
}

export function notFound(table: string, id: string): Rejection {
  return rejection("NotFound", `${table} ${id} not found`);
}

/** Why a new object can't have the name; null: nobody has it. */
export function nameTaken(view: StoreView, table: NamedTable, name: string): Rejection | null {
  if (view.named(table, name) === undefined) return null;
  return rejection("AlreadyExists", `${table} ${name} already exists`);
}

export function outOfSequence(): Rejection {
  return rejection("FailedPrecondition", "update out of sequence");
}

/**
 * SwarmKit's words for what can't be removed because services use it, or may be rolled back to what
 * does; null: none.
 */
export function inUse(
  { services }: StoreView,
  what: string,
  uses: (spec: ServiceSpec) => boolean,
): string | null {
  const users = [...services.values()].filter((service) => specsInUse(service).some(uses));
  if (users.length === 0) return null;
  const names = sortedText(users.map(({ spec }) => spec.name)).join(", ");
  const noun = users.length === 1 ? "service" : "services";
  return `${what} is in use by the following ${noun}: ${names}`;
}
