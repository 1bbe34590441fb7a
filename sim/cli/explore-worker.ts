import { ChoiceRecorder, choicesText, diverging } from "../chance/choices.ts";
import { Coverage } from "../explore/coverage.ts";
import type { Trial } from "../explore/exploration.ts";
import { StateSet } from "../explore/state-set.ts";
import type { Violation } from "../result.ts";
import type { Bug } from "./bug.ts";
import { outcomeOf } from "./outcome.ts";
import { serve } from "./serve.ts";

/** A worker thread that runs one trial of an exploration after another. */

/** What became of a trial. */
export interface TrialAnswer {
  /** What broke first; null when nothing did. */
  readonly violation: Violation | null;
  readonly bug: Bug | null;
  readonly digest: string;
  /** All choices of a run in which something broke; else empty. */
  readonly choices: string;
  readonly events: number;
  readonly simulatedSeconds: number;
  /** The rare situations that it reached. */
  readonly situations: readonly string[];
  /** The states that this thread had not told of before. */
  readonly states: readonly number[];
}

/** An answer of this thread comes before all its later ones, so a state needs to be told once. */
const told = new StateSet();

serve((trial: Trial): TrialAnswer => {
  let states: ReadonlySet<number> = new Set();
  const watch = (world: ConstructorParameters<typeof Coverage>[0]) => {
    const coverage = new Coverage(world);
    states = coverage.states;
    return coverage;
  };
  const { plan, seed, branch } = trial;
  const tap = branch === null ? {} : { tap: diverging(branch) };
  const { result, bug } = outcomeOf(plan, seed, { observer: { watch }, ...tap });
  const fresh = [...states].filter((state) => told.add(state));
  const { digest, events, simulatedSeconds } = result;
  const situations = Object.keys(result.situations);
  const violation = result.violations[0] ?? null;
  const choices = violation === null ? "" : choicesOf(trial);
  return { violation, bug, digest, choices, events, simulatedSeconds, situations, states: fresh };
});

/** All choices of a run, which is run once more for them. */
function choicesOf({ plan, seed, branch }: Trial): string {
  const recorder = new ChoiceRecorder();
  const diverge = branch === null ? (word: number) => word : diverging(branch);
  outcomeOf(plan, seed, { tap: (word) => recorder.tap(diverge(word)) });
  return choicesText(recorder.list());
}
