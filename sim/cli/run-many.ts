import type { Colors } from "picocolors/types.js";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { bugText } from "./bug.ts";
import { commandFor } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";
import { jsonText } from "./json.ts";
import { checkKeep, keepAgain, nothingKept } from "./keep-failure.ts";
import { bugOutcome, type Outcome } from "./outcome.ts";
import { complain, endCode, print } from "./output.ts";
import { Progress } from "./progress.ts";
import { limitsOf, type RunRequest, runsOf, type Seeds, seedAt, seedCount } from "./request.ts";
import { type Jobs, runOnEveryCore } from "./runner.ts";
import type { SeedJob, SeedWorkerData } from "./seed-worker.ts";
import { StatusLine } from "./status-line.ts";
import { quietSummaryText, Summary, type SummaryHead, summaryText } from "./summary.ts";

/** Many runs, on every core: a summary for each file, or a line of JSON for each run. */
export async function runMany(
  request: RunRequest,
  plans: readonly ScenarioPlan[],
  colours: Colors,
): Promise<number> {
  checkKeep(request);
  const ledger = new Ledger(request, plans, colours);
  const jobs = jobsOf(request, plans);
  const isInterrupted = await runOnEveryCore(jobs, (outcome, index) => ledger.add(outcome, index));
  return ledger.end(isInterrupted);
}

function jobsOf(request: RunRequest, plans: readonly ScenarioPlan[]): Jobs<SeedJob, Outcome> {
  const perFile = seedCount(request.seeds);
  const workerData: SeedWorkerData = { plans, limits: limitsOf(request), bug: request.bug };
  return {
    module: new URL("./seed-worker.js", import.meta.url),
    workerData,
    count: runsOf(request),
    at: (index) => ({
      plan: Math.floor(index / perFile),
      seed: seedAt(request.seeds, index % perFile),
    }),
    lost: ({ plan, seed }, error) => bugOutcome(plans[plan]?.name ?? "", seed, error),
  };
}

/** Takes the outcomes in order, and prints what is to be said of them. */
class Ledger {
  readonly #request: RunRequest;
  readonly #plans: readonly ScenarioPlan[];
  readonly #colours: Colors;
  readonly #progress: Progress;
  readonly #perFile: number;
  #current = { file: 0, summary: new Summary(), startedAt: performance.now() };
  /** The place of its file, and its seed; null: none has failed. */
  #firstFailed: { readonly place: number; readonly seed: string } | null = null;

  constructor(request: RunRequest, plans: readonly ScenarioPlan[], colours: Colors) {
    this.#request = request;
    this.#plans = plans;
    this.#colours = colours;
    this.#perFile = seedCount(request.seeds);
    this.#progress = new Progress(runsOf(request), "runs", request.quiet ? null : new StatusLine());
  }

  add({ result, bug }: Outcome, index: number): void {
    const { files, json } = this.#request;
    const place = Math.floor(index / this.#perFile);
    while (this.#current.file < place) this.#nextFile();
    const file = files[place] ?? "";
    const command = commandFor(file, result.seed, this.#request);
    const isFailure = result.verdict === "fail";
    if (isFailure) this.#firstFailed ??= { place, seed: result.seed };
    if (json || bug !== null) this.#progress.clear();
    if (json) print(jsonText(result, file, command));
    if (bug !== null) complain(bugText(bug, `${file}, seed ${result.seed}`));
    this.#current.summary.add(result, command);
    this.#progress.add(isFailure);
  }

  end(isInterrupted: boolean): number {
    this.#progress.clear();
    if (this.#current.summary.runs > 0) this.#print();
    const isKept = this.#keep();
    return isKept ? endCode(isInterrupted, this.#firstFailed !== null) : exitCodes.wrongInput;
  }

  /** False where the first failure could not be kept. */
  #keep(): boolean {
    const { keep, files, bug } = this.#request;
    if (keep === null) return true;
    if (this.#firstFailed === null) {
      complain(nothingKept(keep));
      return true;
    }
    const { place, seed } = this.#firstFailed;
    const [file = "", plan] = [files[place], this.#plans[place] as ScenarioPlan];
    const failed = { file, plan, limits: limitsOf(this.#request), bug };
    const problems = keepAgain(keep, failed, seed);
    for (const problem of problems) complain(`${problem}\n`);
    return problems.length === 0;
  }

  #nextFile(): void {
    if (this.#current.summary.runs > 0) this.#print();
    const file = this.#current.file + 1;
    this.#current = { file, summary: new Summary(), startedAt: performance.now() };
  }

  #print(): void {
    const { json, quiet, files, seeds } = this.#request;
    const { file, summary, startedAt } = this.#current;
    if (json) return;
    const head: SummaryHead = {
      name: this.#plans[file]?.name ?? "",
      file: files[file] ?? "",
      seeds: seedsText(seeds),
      planned: this.#perFile,
      wallSeconds: (performance.now() - startedAt) / 1000,
    };
    const text = quiet ? quietSummaryText : summaryText;
    this.#progress.clear();
    print(text(head, summary, this.#colours));
  }
}

function seedsText(seeds: Seeds): string {
  return seeds.kind === "one" ? `seed ${seeds.seed}` : `seeds ${seeds.first}..${seeds.last}`;
}
