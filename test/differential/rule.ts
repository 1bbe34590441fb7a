import type { Difference } from "./compare.ts";
import type { Answer } from "./side.ts";
import type { Step } from "./step.ts";

/** After which step something differs, what was answered to it, and what Swarm shows then. */
export interface Occasion {
  readonly step: Step;
  readonly swarm: Answer;
  readonly ours: Answer;
  /** A `State`'s tree: the last one that was looked at. */
  readonly state: Json;
  /** The same of ours. */
  readonly ourState: Json;
  /** Services whose tasks have differed since a node was drained. */
  readonly parted: ReadonlySet<string>;
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of any form.
export type Json = any;

/** A difference that is meant, and documented (docs/docker-api.md). */
export interface Rule {
  readonly name: string;
  explains(difference: Difference, occasion: Occasion): boolean;
}
