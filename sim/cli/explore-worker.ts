import { Coverage } from "../coverage.ts";
import type { Trial } from "../explore/exploration.ts";
import type { Violation } from "../result.ts";
import { type Bug, outcomeOf } from "./outcome.ts";
import { serve } from "./serve.ts";

/** A worker thread that runs one trial of an exploration after another. */

/** What became of a trial. */
export interface TrialAnswer {
  /** What broke first; null when nothing did. */
  readonly violation: Violation | null;
  readonly bug: Bug | null;
  readonly digest: string;
  readonly events: number;
  readonly simulatedSeconds: number;
  /** The rare situations that it reached. */
  readonly situations: readonly string[];
  /** The states that this thread had not told of before. */
  readonly states: readonly number[];
}

/** An answer of this thread comes before all its later ones, so a state needs to be told once. */
const told = new Set<number>();

serve(({ plan, seed }: Trial): TrialAnswer => {
  let states: ReadonlySet<number> = new Set();
  const watch = (world: ConstructorParameters<typeof Coverage>[0]) => {
    const coverage = new Coverage(world);
    states = coverage.states;
    return coverage;
  };
  const { result, bug } = outcomeOf(plan, seed, { observer: { watch } });
  const fresh = [...states].filter((state) => !told.has(state));
  for (const state of fresh) told.add(state);
  const { digest, events, simulatedSeconds } = result;
  const situations = Object.keys(result.situations);
  const violation = result.violations[0] ?? null;
  return { violation, bug, digest, events, simulatedSeconds, situations, states: fresh };
});
