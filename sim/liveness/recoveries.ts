import { extentOf } from "../faults/faults.ts";
import type { ScenarioPlan, Step } from "../scenario/dsl.ts";
import { span } from "../scenario/units.ts";

/** When the run heals what must recover, in microseconds, ascending: the last time for good. */
export function recoveries({ steps = [], chaos, recoverAt = [] }: ScenarioPlan): number[] {
  const lastStep = steps.reduce((last, step) => Math.max(last, endOf(step)), 0);
  const lastFault = Math.max(lastStep, chaos === undefined ? 0 : span(chaos.until));
  const times = recoverAt.map(span);
  return (times.at(-1) ?? -1) >= lastFault ? times : [...times, lastFault];
}

function endOf({ at, action }: Step): number {
  return span(at) + extentOf(action);
}
