import { assert } from "../core/base/assert.ts";
import { noBug } from "../core/base/planted.ts";
import type { StoreEntry } from "../core/model/change.ts";
import type { NodeEvent } from "../core/node/event.ts";
import type { StoreEvent } from "../core/store/event.ts";
import { type AppliedEntry, Store } from "../core/store/store.ts";
import type { StoreView } from "../core/store/view.ts";
import type { Host } from "./host.ts";

/** One entry at the moment when it first took effect anywhere. */
export interface Commit {
  readonly index: number;
  readonly entry: StoreEntry | null;
  readonly applied: AppliedEntry;
  readonly events: readonly StoreEvent[];
  readonly host: Host;
}

/**
 * What the cluster as a whole has decided: the entries in the order in which they were first
 * applied, and the store that follows from them. It is what a checker holds every copy against.
 */
export class History {
  readonly #store = new Store(noBug);
  readonly #onCommit: (commit: Commit) => void;

  constructor(onCommit: (commit: Commit) => void) {
    this.#onCommit = onCommit;
  }

  /** The state of the cluster, as of the newest entry that anyone has applied. */
  get view(): StoreView {
    return this.#store;
  }

  digest(): string {
    return this.#store.digest();
  }

  happened(host: Host, event: NodeEvent): void {
    if (event.kind !== "applied" || event.index <= this.#store.index) return;
    assert(event.index === this.#store.index + 1, "entries are first applied in order");
    const { index, entry } = event;
    const applied = this.#store.apply(entry, index);
    this.#onCommit({ index, entry, applied, events: applied.events, host });
  }
}
