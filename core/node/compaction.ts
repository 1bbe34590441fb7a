import type { Store } from "../store/store.ts";
import type { NodeConfig } from "./config.ts";

/** When a manager puts its store into a snapshot, and what of the log it keeps behind that. */
export class Compaction {
  readonly #config: NodeConfig;
  #snapshotIndex = 0;

  constructor(config: NodeConfig) {
    this.#config = config;
  }

  /** There is a snapshot of this index. */
  taken(index: number): void {
    this.#snapshotIndex = index;
  }

  /** From where on the log is kept behind a snapshot of `store`; null: none is due. */
  due({ cluster, index }: Store): number | null {
    const spec = cluster?.spec ?? this.#config.cluster;
    const { probe } = this.#config;
    const isEager = probe?.buggify("snapshot-every-entry") === true;
    if (index - this.#snapshotIndex < (isEager ? 1 : spec.snapshotInterval)) return null;
    this.#snapshotIndex = index;
    const keepsNone = probe?.buggify("no-log-behind-snapshot") === true;
    return Math.max(1, index - (keepsNone ? 0 : spec.logEntriesForSlowFollowers) + 1);
  }
}
