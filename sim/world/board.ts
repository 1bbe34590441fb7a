import { type Claim, claims, type Situation, situations } from "../../core/base/situations.ts";
import { BrokenInvariant } from "../checkers/checker.ts";

/** Rare situations that only the world can tell: no node knows of them. */
const worldSituations = {
  "leader-crash-before-sync": "a leader ends with entries that its disk has not made safe",
  "follower-crash-before-sync": "a follower ends with entries that its disk has not made safe",
  "torn-tail-at-start": "a start finds the rest of a write that a crash has torn",
  "damaged-disk-refused": "a start finds a damaged disk, and refuses it",
  "wiped-node-rejoins": "a node joins anew that has lost its disk",
  "two-leaders": "an older leader does not know yet that there is a newer one",
  "quorum-down": "a majority of the managers is down at the same time",
  "crash-during-membership-change": "a manager ends while a change of members is pending",
  "drain-during-update": "a node is emptied while a service is updated",
  "node-down-during-update": "a node is called down while a service is updated",
  "update-rolls-back": "an update has failed, and is rolled back by itself",
  "update-paused": "an update has failed, and is paused",
  "node-back-after-down": "a node that was called down comes back",
} as const;

export type WorldSituation = keyof typeof worldSituations;
export type AnySituation = Situation | WorldSituation;

/** What each situation of a board is, in words. */
export const allSituations: Readonly<Record<string, string>> = {
  ...situations,
  ...worldSituations,
};

/** How often a run reached each rare situation. */
export class Board {
  readonly #counts = new Map<string, number>();
  readonly #forbidden = new Set<string>();

  /** Whoever reaches this from now on breaks a property. */
  forbid(name: string): void {
    this.#forbidden.add(name);
  }

  reached(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    if (!this.#forbidden.has(name)) return;
    throw new BrokenInvariant("unreachable", null, `${name} was reached: ${allSituations[name]}`);
  }

  broken(claim: Claim, node: string): never {
    throw new BrokenInvariant(claim, node, `it does not hold that ${claims[claim]}`);
  }

  /** By name, sorted; only what was reached. */
  counts(): Record<string, number> {
    const sorted = [...this.#counts].sort(([left], [right]) => (left < right ? -1 : 1));
    return Object.fromEntries(sorted);
  }
}
