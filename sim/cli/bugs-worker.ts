import { workerData } from "node:worker_threads";
import type { Planted } from "../../core/base/planted.ts";
import { plant } from "../planted.ts";
import { runRaft } from "../raft/raft-run.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { shrink } from "../shrink/shrink.ts";
import { shrinkRaft } from "../shrink/shrink-raft.ts";
import { simulate } from "../simulate.ts";
import type { BugRow } from "./bugs-request.ts";
import { worksInvariant } from "./outcome.ts";
import { serve } from "./serve.ts";

/** A worker thread that looks for planted bugs. */

/** The scenarios that it may need, by name. */
export type BugPlans = ReadonlyMap<string, ScenarioPlan>;

/** One try: seeds from `first` on until something breaks, and at most this many. */
export interface Try {
  readonly row: BugRow;
  readonly first: number;
  readonly most: number;
}

/** The same, and what is caught is made small in at most this many runs. */
export interface Shrinking extends Try {
  readonly shrinkTries: number;
}

/** What came of a try, or how many steps are left; null: nothing. */
export type WorkerReply =
  | { readonly kind: "caught"; readonly caught: Caught | null }
  | { readonly kind: "shrunk"; readonly steps: number | null };

/** What broke first in a try. */
export interface Caught {
  readonly seed: number;
  readonly invariant: string;
  readonly detail: string;
}

const plans = workerData as BugPlans;
/** Runs of a Raft world take no longer than one of a cluster. */
const raftRuns = 5;

serve((job: Try | Shrinking): WorkerReply => {
  const caught = firstCaught(job);
  if (!("shrinkTries" in job)) return { kind: "caught", caught };
  const isOwn = caught?.invariant === job.row.caughtBy;
  return { kind: "shrunk", steps: isOwn ? stepsLeft(job, caught.seed) : null };
});

/** How many steps a story needs that breaks the same; null when it can't be told. */
function stepsLeft({ row, shrinkTries: tries }: Shrinking, seed: number): number | null {
  const planted = plant(row.id);
  try {
    if ("world" in row) {
      const { world: kind, caughtBy: invariant } = row;
      return shrinkRaft({ seed, planted, kind, invariant }, raftRuns * tries);
    }
    const plan = plans.get(row.scenario) as ScenarioPlan;
    const run = { plan, seed: String(seed), options: {}, planted };
    const shrunk = shrink(run, { tries });
    return typeof shrunk === "string" ? null : shrunk.steps;
  } catch {
    return null;
  }
}

/** Null when nothing broke. */
function firstCaught({ row, first, most }: Try): Caught | null {
  const planted = plant(row.id);
  for (let seed = first; seed < first + most; seed += 1) {
    const broken = brokenBy(row, planted, seed);
    if (broken !== null) return { seed, ...broken };
  }
  return null;
}

function brokenBy(row: BugRow, planted: Planted, seed: number): Omit<Caught, "seed"> | null {
  try {
    const violation = violationOf(row, planted, seed);
    return violation && { invariant: violation.invariant, detail: violation.detail };
  } catch (error) {
    return { invariant: worksInvariant, detail: String(error) };
  }
}

function violationOf(row: BugRow, planted: Planted, seed: number): Omit<Caught, "seed"> | null {
  if ("world" in row) return runRaft(seed, { planted, kind: row.world }).violation;
  const plan = plans.get(row.scenario) as ScenarioPlan;
  return simulate(plan, String(seed), {}, planted).violations[0] ?? null;
}
