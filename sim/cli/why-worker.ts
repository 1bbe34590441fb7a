import { workerData } from "node:worker_threads";
import { type Branch, breaksIn } from "../explain/why.ts";
import { plantedOf } from "../planted.ts";
import { serve } from "./serve.ts";

/** A worker thread that lets runs come out otherwise. */

/** The run whose futures are asked for. */
export interface WhyWorkerData extends Omit<Branch, "planted" | "kept" | "future"> {
  readonly bug: string | null;
  /** What must break to count as the same failure. */
  readonly failure: string;
}

/** One future: how many choices are kept, and which chance follows. */
export type Future = Pick<Branch, "kept" | "future">;

const { bug, failure, ...run } = workerData as WhyWorkerData;
const planted = plantedOf(bug);

/** Null is asked, and answered, where it is no longer of interest. */
serve((future: Future | null) =>
  future === null ? null : breaksIn({ ...run, planted, ...future }, failure),
);
