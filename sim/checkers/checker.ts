import type { BuggifyPoint } from "../../core/base/situations.ts";
import type { DiskImage } from "../../core/node/disk-image.ts";
import type { Raft } from "../../core/raft/raft.ts";
import type { Forger } from "../faults/forger.ts";
import type { Kernel } from "../kernel.ts";
import type { SimNetwork } from "../ports/network.ts";
import type { History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import type { PartialObserver } from "../world/observer.ts";

/** A property that did not hold. Ends the run. */
export class BrokenInvariant extends Error {
  readonly invariant: string;
  readonly node: string | null;

  constructor(invariant: string, node: string | null, detail: string) {
    super(detail);
    this.invariant = invariant;
    this.node = node;
  }
}

/** A member of a Raft cluster, as the checkers of Raft see it. */
export interface RaftHost {
  readonly number: number;
  readonly name: string;
  /** Its name in Raft, as its disk knows it; null while it has none. */
  readonly memberId: string | null;
  /** Of the cluster that it takes itself to be in. */
  readonly incarnation: number;
  /** Null while the machine is off, or takes no part in Raft. */
  readonly raft: Raft | null;
  readonly disk: { readonly image: DiskImage };
}

/** What a checker may see: everything, which no node ever can. Look, don't touch. */
export interface CheckedWorld {
  readonly kernel: Kernel;
  readonly hosts: readonly Host[];
  /** The hosts by name. */
  readonly named: ReadonlyMap<string, Host>;
  /** The hosts that are managers. */
  readonly managers: readonly Host[];
  readonly history: History;
  readonly network: Pick<SimNetwork, "isCut">;
  readonly forger: Pick<Forger, "isHeard">;
  /** Whether the unusual may happen in this run. */
  readonly buggify: { isActive(point: BuggifyPoint): boolean };
}

/** One property. Who checks it throws `BrokenInvariant`. */
export interface Property {
  readonly name: string;
  /** Where the property comes from. */
  readonly source: string;
  /** How often it was held against what happened. */
  checks: number;
}

/** A property that is checked after every event of a world that can have broken it. */
export interface Checker extends Property, PartialObserver {
  /** Faults are over: these machines must recover. None: faults go on again. */
  healed?(core: readonly Host[]): void;
}
