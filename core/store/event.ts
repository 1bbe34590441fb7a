import type { StoreObject } from "../model/change.ts";

/** What one committed change did: `previous` is null for what was created, `current` for removed. */
export interface StoreEvent {
  readonly previous: StoreObject | null;
  readonly current: StoreObject | null;
}
