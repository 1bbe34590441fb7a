import { fileURLToPath } from "node:url";
import type { Colors } from "picocolors/types.js";
import { huntMarkdown } from "./bugs-markdown.ts";
import { huntText, type RowReport, reportJson, reportOf, type TryResult } from "./bugs-report.ts";
import type { BugRow, BugsRequest } from "./bugs-request.ts";
import type { BugPlans, Shrinking, Try, WorkerReply } from "./bugs-worker.ts";
import { loadChecked } from "./load-checked.ts";
import { worksInvariant } from "./outcome.ts";
import { endCode, print } from "./output.ts";
import { Progress } from "./progress.ts";
import { type Jobs, runOnEveryCore } from "./runner.ts";

type Hunt = Extract<BugsRequest, { kind: "hunt" }>;

/** The first seeds of two tries are at least so far apart. */
const seedsApart = 1_000;

/** What is known of a row so far. */
interface Found {
  readonly row: BugRow;
  readonly tries: TryResult[];
  stepsLeft: number | null;
  /** How many of its jobs are not done yet. */
  left: number;
}

/**
 * Looks for every bug, try after try: the exit code. As JSON a row is printed as soon as it is
 * done, whichever comes first, so that a hunt that is cut short loses none. @throws WrongInput
 */
export async function huntBugs(request: Hunt, colours: Colors): Promise<number> {
  const { rows, json, markdown } = request;
  const perRow = jobsEach(request);
  const jobs = jobsOf(request, await plansOf(rows));
  const found = rows.map((row): Found => ({ row, tries: [], stepsLeft: null, left: perRow }));
  const progress = new Progress(jobs.count, "tries");
  const take = (answer: WorkerReply, index: number) => {
    const of = found[Math.floor(index / perRow)] as Found;
    of.left -= 1;
    const { first } = jobs.at(index);
    if (answer.kind === "shrunk") of.stepsLeft = answer.steps;
    else of.tries.push({ first, caught: answer.caught });
    progress.add(answer.kind === "caught" && answer.caught?.invariant !== of.row.caughtBy);
    if (!json || of.left > 0) return;
    progress.clear();
    print(reportJson(reportOn(of)));
  };
  const isInterrupted = await runOnEveryCore(jobs, take, { atOnce: true });
  progress.clear();
  const begun = found.filter((each) => each.tries.length > 0);
  const reports = begun.map(reportOn);
  const cutShort = begun.filter((each) => each.left > 0).map(reportOn);
  if (json) print(cutShort.map(reportJson).join(""));
  else print(markdown ? huntMarkdown(request, reports) : huntText(request, reports, colours));
  const hasFailed = reports.some((report) => report.caught < report.tries);
  return endCode(isInterrupted, hasFailed);
}

function reportOn({ row, tries, stepsLeft }: Found): RowReport {
  const inOrder = [...tries].sort((left, right) => left.first - right.first);
  return { ...reportOf(row, inOrder), stepsLeft };
}

/** The tries of a row, and then perhaps one in which a failure is made small. */
function jobsEach({ tries, shrinkTries }: Hunt): number {
  return shrinkTries === 0 ? tries : tries + 1;
}

function jobsOf(request: Hunt, workerData: BugPlans) {
  const { rows, tries, seeds: most, shrinkTries } = request;
  const apart = Math.max(seedsApart, most);
  const perRow = jobsEach(request);
  const jobs: Jobs<Try | Shrinking, WorkerReply> = {
    module: new URL("./bugs-worker.js", import.meta.url),
    workerData,
    count: rows.length * perRow,
    at: (index) => {
      const row = rows[Math.floor(index / perRow)] as BugRow;
      const number = index % perRow;
      if (number === tries) return { row, first: 1, most, shrinkTries };
      return { row, first: number * apart + 1, most };
    },
    lost: ({ first: seed, ...job }, error) => {
      if ("shrinkTries" in job) return { kind: "shrunk", steps: null };
      const detail = `from this seed on: ${error}`;
      return { kind: "caught", caught: { seed, invariant: worksInvariant, detail } };
    },
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
