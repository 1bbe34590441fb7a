import { noBug } from "../../../core/base/planted.ts";
import type { Actor, StoreObject } from "../../../core/model/change.ts";
import { eventOf, type StoreEvent } from "../../../core/store/event.ts";
import { Store } from "../../../core/store/store.ts";
import { BrokenInvariant, type Checker } from "../../../sim/checkers/checker.ts";
import type { Commit, History } from "../../../sim/world/history.ts";
import { moment } from "../../support/model.ts";

/** One entry of a made-up log, as a checker is told of it. */
export interface Entry {
  /** Seconds of the cluster's clock. */
  readonly at: number;
  /** Default: orchestrator. */
  readonly by?: Actor;
  /** What is created or changed, one after the other. */
  readonly to?: readonly StoreObject[];
  /** Ids of what is removed. */
  readonly gone?: readonly string[];
  /** A manager goes on alone with this. */
  readonly isForced?: boolean;
}

/** A cluster in which things happen that the real one would not do. */
export class MadeUpCluster {
  readonly #objects: Map<string, StoreObject>;
  #view: Store;
  #index = 1;

  constructor(...before: readonly StoreObject[]) {
    this.#objects = new Map(before.map((each) => [each.id, each]));
    this.#view = this.#viewAt(0);
  }

  /** As checkers read it. */
  get history(): History {
    const view = () => this.#view;
    return {
      get view() {
        return view();
      },
    } as unknown as History;
  }

  get view(): Store {
    return this.#view;
  }

  /** Applies the entry, and tells it as the history does. */
  commit({ at, by = "orchestrator", to = [], gone = [], isForced = false }: Entry): Commit {
    const events: StoreEvent[] = [];
    for (const current of to) {
      events.push(eventOf(by, this.#objects.get(current.id) ?? null, current));
      this.#objects.set(current.id, current);
    }
    for (const id of gone) {
      events.push(eventOf(by, this.#objects.get(id) as StoreObject, null));
      this.#objects.delete(id);
    }
    this.#index += 1;
    this.#view = this.#viewAt(at);
    const of = (kind: string) => events.filter((event) => event.kind === kind);
    const byKind = { tasks: of("task"), nodes: of("node"), services: of("service") };
    const entry = isForced ? null : { time: moment(at), transactions: [] };
    const more = { clusters: of("cluster"), entry, isForced, host: { name: "m1" } };
    return { index: this.#index, events, ...byKind, ...more } as unknown as Commit;
  }

  #viewAt(second: number): Store {
    const store = new Store(noBug);
    const objects = [...this.#objects.values()];
    store.restore({
      index: this.#index,
      time: moment(second),
      objects,
      sessions: [],
      failures: [],
    });
    return store;
  }
}

/** What a checker has against these entries, the first that it objects to; null: nothing. */
export function objection(
  checkerOf: (history: History) => Checker,
  before: readonly StoreObject[],
  ...entries: readonly Entry[]
): string | null {
  const cluster = new MadeUpCluster(...before);
  const checker = checkerOf(cluster.history);
  return problemOf(() => {
    for (const entry of entries) checker.committed?.(cluster.commit(entry));
  });
}

/** What a checker throws meanwhile; null: nothing. */
export function problemOf(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof BrokenInvariant) return error.message;
    throw error;
  }
}
