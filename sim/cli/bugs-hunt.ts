import { fileURLToPath } from "node:url";
import type { Colors } from "picocolors/types.js";
import { huntText, reportJson, reportOf, type TryResult } from "./bugs-report.ts";
import type { BugRow, BugsRequest } from "./bugs-request.ts";
import type { BugPlans, Caught, Try } from "./bugs-worker.ts";
import { loadChecked } from "./load-checked.ts";
import { worksInvariant } from "./outcome.ts";
import { endCode, errorIsTerminal, print } from "./output.ts";
import { Progress } from "./progress.ts";
import { type Jobs, runOnEveryCore } from "./runner.ts";

type Hunt = Extract<BugsRequest, { kind: "hunt" }>;

/** The first seeds of two tries are at least so far apart. */
const seedsApart = 1_000;

/** Looks for every bug, try after try: the exit code. @throws WrongInput */
export async function huntBugs(request: Hunt, colours: Colors): Promise<number> {
  const { rows, tries, json } = request;
  const jobs = triesOf(request, await plansOf(rows));
  const results = rows.map((): TryResult[] => []);
  const progress = new Progress(jobs.count, errorIsTerminal(), "tries");
  const isInterrupted = await runOnEveryCore(jobs, (caught, index) => {
    const { row, first } = jobs.at(index);
    const made = results[Math.floor(index / tries)] as TryResult[];
    made.push({ first, caught });
    progress.add(caught?.invariant !== row.caughtBy);
    if (!json || made.length < tries) return;
    progress.clear();
    print(reportJson(reportOf(row, made)));
  });
  progress.clear();
  const all = rows.map((row, at) => reportOf(row, results[at] as TryResult[]));
  const reports = all.filter((report) => report.tries > 0);
  const cutShort = reports.filter((report) => report.tries < tries);
  print(json ? cutShort.map(reportJson).join("") : huntText(request, reports, colours));
  const hasFailed = reports.some((report) => report.caught < report.tries);
  return endCode(isInterrupted, hasFailed);
}

function triesOf({ rows, tries, seeds: most }: Hunt, workerData: BugPlans) {
  const apart = Math.max(seedsApart, most);
  const jobs: Jobs<Try, Caught | null> = {
    module: new URL("./bugs-worker.js", import.meta.url),
    workerData,
    count: rows.length * tries,
    at: (index) => {
      const row = rows[Math.floor(index / tries)] as BugRow;
      return { row, first: (index % tries) * apart + 1, most };
    },
    lost: ({ first: seed }, error) => ({
      seed,
      invariant: worksInvariant,
      detail: `from this seed on: ${error}`,
    }),
  };
  return jobs;
}

/** The scenarios that come with the package: this module runs in its `dist`. */
async function plansOf(rows: readonly BugRow[]): Promise<BugPlans> {
  const names = [...new Set(rows.flatMap((row) => ("scenario" in row ? [row.scenario] : [])))];
  const plans = await loadChecked(names.map(fileOf));
  return new Map(plans.map((plan, at) => [names[at] as string, plan]));
}

function fileOf(scenario: string): string {
  return fileURLToPath(new URL(`../../../scenarios/${scenario}.ts`, import.meta.url));
}
