import type { RunRecord } from "../../../sim/record/run-record.ts";
import { SpanRecorder } from "../../../sim/record/span-recorder.ts";
import { type ReportInput, reportPage } from "../../../sim/report/report-page.ts";
import type { RunResult } from "../../../sim/result.ts";
import type { RunOptions } from "../../../sim/run.ts";
import type { ScenarioPlan } from "../../../sim/scenario/dsl.ts";
import { simulate } from "../../../sim/simulate.ts";
import { together, type Watch } from "../../../sim/world/watch.ts";

/** A run that was recorded. */
export interface Recorded {
  readonly result: RunResult;
  readonly record: RunRecord;
}

export function recorded(
  plan: ScenarioPlan,
  seed = "1",
  options: RunOptions = {},
  also: readonly Watch[] = [],
): Recorded {
  const recorders: SpanRecorder[] = [];
  const watch: Watch = (world) => {
    const recorder = new SpanRecorder(world);
    recorders.push(recorder);
    return recorder;
  };
  const observer = {
    watch: together([watch, ...also]),
    story: (line: Parameters<SpanRecorder["told"]>[0]) => recorders[0]?.told(line),
  };
  const result = simulate(plan, seed, { ...options, observer });
  const record = recorders[0]?.record();
  if (record === undefined) throw new Error("nothing was recorded");
  return { result, record };
}

/** The page of a recorded run. */
export function pageOf(plan: ScenarioPlan, { result, record }: Recorded): Promise<string> {
  const input: ReportInput = { plan, result, record, command: "npx sim run it.ts --seed 1" };
  return reportPage(input);
}
