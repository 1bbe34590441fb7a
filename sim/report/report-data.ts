import type { RunRecord } from "../record/run-record.ts";
import type { RunResult } from "../result.ts";

/** What the page is told of a run. */
export interface ReportData {
  /** The scenario's own words. */
  readonly story: string;
  readonly result: Pick<
    RunResult,
    "scenario" | "seed" | "verdict" | "violations" | "digest" | "events" | "simulatedSeconds"
  >;
  /** What shows the run again, on a command line. */
  readonly command: string;
  readonly record: RunRecord;
  /** How many there were of what was thinned. */
  readonly totals: Totals;
}

export interface Totals {
  readonly messages: number;
  readonly samples: number;
  readonly tasks: number;
  readonly lines: number;
}
