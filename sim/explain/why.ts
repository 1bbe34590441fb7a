import type { Planted } from "../../core/base/planted.ts";
import {
  branching,
  ChoiceRecorder,
  type Choices,
  type Drawn,
  type Taps,
} from "../chance/choices.ts";
import { type Recording, recordRun } from "../record/recording.ts";
import type { RunOptions } from "../run.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { failsAs } from "../shrink/failure.ts";
import { simulate } from "../simulate.ts";

/** A failure, and all that is needed to let it come out otherwise. */
export interface Past {
  readonly recording: Recording;
  readonly choices: Choices;
  /** How much had been drawn after each event; the first is of before any. */
  readonly drawnAfter: readonly Drawn[];
}

/** Runs a failure once more and takes everything down. */
export function pastOf(
  plan: ScenarioPlan,
  seed: string,
  options: RunOptions,
  planted: Planted,
): Past {
  const recorder = new ChoiceRecorder();
  const drawnAfter: Drawn[] = [{ choices: 0, byNodes: 0 }];
  let byNodes = 0;
  const { tap: given } = options;
  const recording = recordRun(
    plan,
    seed,
    {
      ...options,
      tap: (word) => recorder.tap(given === undefined ? word : given(word)),
      nodeTap: (word) => {
        byNodes += 1;
        return word;
      },
      observer: {
        watch: () => ({
          handled: () => void drawnAfter.push({ choices: recorder.count, byNodes }),
        }),
      },
    },
    planted,
  );
  return { recording, choices: recorder.list(), drawnAfter };
}

/** How it might have gone: the run up to `event`, and from there on chance number `future`. */
export interface Branch {
  readonly plan: ScenarioPlan;
  readonly seed: string;
  readonly options: Omit<RunOptions, keyof Taps>;
  readonly planted: Planted;
  readonly choices: Choices;
  readonly kept: Drawn;
  readonly future: number;
}

/** Whether that future breaks as the past did, at any time. */
export function breaksIn(branch: Branch, failure: string): boolean {
  const { plan, seed, options, planted, choices, kept, future } = branch;
  const taps = branching(choices, kept, future);
  return failsAs(simulate(plan, seed, { ...options, ...taps }, planted), failure);
}

/** The events that had been handled at moments evenly spread over the run, from its start on. */
export function eventsAlong({ recording }: Past, count: number): number[] {
  const end = recording.timeOf(recording.events);
  const moments = Array.from({ length: count }, (_, at) => Math.round((end * at) / count));
  return [...new Set(moments.map((moment) => recording.eventsUntil(moment)))];
}

/** What came of the futures from one event on. */
export interface Point {
  readonly event: number;
  readonly failed: number;
  readonly futures: number;
}

/** Events to branch at, about this many, evenly spread between two that are not branched at. */
export function eventsBetween(after: number, before: number, count: number): number[] {
  const spread = Array.from({ length: count }, (_, at) =>
    Math.round(after + ((before - after) * (at + 1)) / (count + 1)),
  );
  return [...new Set(spread)].filter((event) => event > after && event < before);
}

/** Between which events all futures began to fail: the last open one, the first that is not. */
export function turningPoint(points: readonly Point[]): { open: number; certain: number } {
  const sorted = [...points].sort((left, right) => left.event - right.event);
  const stillOpen = sorted.filter(({ failed, futures }) => failed < futures);
  const open = stillOpen[stillOpen.length - 1]?.event ?? 0;
  const certain = sorted.find(({ event }) => event > open)?.event ?? open;
  return { open, certain: stillOpen.length === 0 ? 0 : certain };
}
