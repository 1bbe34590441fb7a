import { noBug } from "../../core/base/planted.ts";
import { Random } from "../../core/base/random.ts";
import { type Chance, Secrets } from "../../core/base/secrets.ts";
import type { Change, StoreObject, Transaction } from "../../core/model/change.ts";
import type { PlanContext } from "../../core/plan/plan.ts";
import { type AppliedEntry, Store } from "../../core/store/store.ts";
import type { StoreView } from "../../core/store/view.ts";
import { moment } from "./model.ts";

/** A store that holds these objects, with the versions and ages that they carry. */
export function storeOf(...objects: StoreObject[]): Store {
  const store = new Store(noBug);
  store.restore({ index: 1, time: moment(0), objects, sessions: [], failures: [] });
  return store;
}

export function random(seed = 1): Random {
  return new Random([seed, 2, 3, 4]);
}

export function secrets(seed = 1): Secrets {
  return new Secrets([seed, 2, 3, 4, 5, 6, 7, 8]);
}

/** What a command is decided with. */
export function chance(seed = 1): Chance {
  return { random: random(seed), secrets: secrets(seed) };
}

/** What a planner gets at this second of the cluster's clock. */
export function context(view: StoreView, second = 0, seed = 1): PlanContext {
  return { view, now: moment(second), ...chance(seed), planted: noBug };
}

export const create = (object: StoreObject): Change => ({ kind: "create", object });
export const update = (object: StoreObject): Change => ({ kind: "update", object });

export function remove(object: StoreObject): Change {
  return { kind: "remove", table: object.kind, id: object.id, version: object.meta.version };
}

export function transact(...changes: Change[]): Transaction {
  return { actor: "control", changes, request: null, result: "" };
}

/** Applies one entry with these transactions, at the store's own time or later. */
export function commit(
  store: Store,
  transactions: readonly Transaction[],
  second = store.time / 1_000_000,
): AppliedEntry {
  return store.apply({ time: moment(second), transactions }, store.index + 1);
}
