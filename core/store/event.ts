import type { Actor, StoreObject } from "../model/change.ts";

/** What one committed change did: `previous` is null for a creation, `current` for a removal. */
export interface StoreEvent {
  readonly actor: Actor;
  readonly previous: StoreObject | null;
  readonly current: StoreObject | null;
}
