import type { Complaint } from "./check-problem.ts";
import type { Action } from "./dsl.ts";

/** One step of the scenario, as those see it who follow what the steps do to the cluster. */
export interface StepMoment {
  /** Such as `steps[2] at 40s partition`. */
  readonly where: string;
  /** As the author wrote it. */
  readonly time: string;
  /** Chaos has begun: nodes, links and services may be in other states than the steps say. */
  readonly inChaos: boolean;
  /** The run has healed by itself before: links are mended, and nodes may be up again. */
  readonly isHealed: boolean;
}

/** Follows one aspect of the cluster through the steps, and says what can't be right in each. */
export interface Follower {
  follow(action: Action, moment: StepMoment): Complaint[];
}
