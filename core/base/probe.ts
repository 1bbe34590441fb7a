import type { BuggifyPoint, Claim, Situation } from "./situations.ts";

declare const brand: unique symbol;

/**
 * What a simulation hears from the code that it runs, and how it makes that code's life harder.
 * Null in production, always, where the calls cost a comparison and nothing is evaluated: only the
 * simulator can make one. Named as in Antithesis' SDK; `buggify` is FoundationDB's.
 */
export interface Probe {
  readonly [brand]: "probe";
  /** `holds` must come true now and then: a rare situation that tests must not miss. */
  sometimes(holds: boolean, situation: Situation): void;
  /** This line must be reached now and then. */
  reachable(situation: Situation): void;
  /** `holds` must be true each time; and this line must be reached now and then. */
  always(holds: boolean, claim: Claim): void;
  /** This line is never reached. */
  unreachable(claim: Claim): void;
  /** True when the unusual is to happen here, drawn from a stream of this node's own. */
  buggify(point: BuggifyPoint): boolean;
}
