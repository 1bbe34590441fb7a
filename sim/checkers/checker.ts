import type { History } from "../history.ts";
import type { Host } from "../host.ts";
import type { Kernel } from "../kernel.ts";
import type { PartialObserver } from "../observer.ts";

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

/** What a checker may see: everything, which no node ever can. Look, don't touch. */
export interface CheckedWorld {
  readonly kernel: Kernel;
  readonly hosts: readonly Host[];
  /** The hosts that are managers. */
  readonly managers: readonly Host[];
  readonly history: History;
}

/** One property, checked after every event that can have broken it. Throws `BrokenInvariant`. */
export interface Checker extends PartialObserver {
  readonly name: string;
  /** Where the property comes from. */
  readonly source: string;
  /** How often it was held against what happened. */
  checks: number;
}
