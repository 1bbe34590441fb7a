import type { Actor, StoreObject, Table } from "../model/change.ts";

/** What one committed change did to an object of one table. */
export interface EventOf<T extends StoreObject> {
  readonly kind: T["kind"];
  readonly id: string;
  readonly actor: Actor;
  /** Null: the object was created. */
  readonly previous: T | null;
  /** Null: the object was removed. */
  readonly current: T | null;
}

/** What one committed change did. */
export type StoreEvent = { [K in Table]: EventOf<Extract<StoreObject, { kind: K }>> }[Table];

/** The event of this change; `previous` and `current` are the same object, and not both null. */
export function eventOf(
  actor: Actor,
  previous: StoreObject | null,
  current: StoreObject | null,
): StoreEvent {
  const { kind, id } = (current ?? previous) as StoreObject;
  return { kind, id, actor, previous, current } as StoreEvent;
}
