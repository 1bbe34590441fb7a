import { availableParallelism } from "node:os";
import type { Colors } from "picocolors/types.js";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { commandFor } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";
import { jsonText } from "./json.ts";
import { bugText, type Outcome } from "./outcome.ts";
import { complain, errorIsTerminal, print } from "./output.ts";
import { Progress } from "./progress.ts";
import { limitsOf, type RunRequest, runsOf, type Seeds, seedAt, seedCount } from "./request.ts";
import { type Jobs, Runner } from "./runner.ts";
import { quietSummaryText, Summary, type SummaryHead, summaryText } from "./summary.ts";

/** Many runs, on every core: a summary for each file, or a line of JSON for each run. */
export async function runMany(
  request: RunRequest,
  plans: readonly ScenarioPlan[],
  colours: Colors,
): Promise<number> {
  const ledger = new Ledger(request, plans, colours);
  const runner = new Runner(jobsOf(request, plans), (outcome, index) => {
    ledger.add(outcome, index);
  });
  const interrupt = () => {
    ledger.isInterrupted = true;
    runner.stop();
  };
  process.once("SIGINT", interrupt);
  await runner.run(availableParallelism());
  process.off("SIGINT", interrupt);
  return ledger.end();
}

function jobsOf(request: RunRequest, plans: readonly ScenarioPlan[]): Jobs {
  const perFile = seedCount(request.seeds);
  return {
    plans,
    limits: limitsOf(request),
    count: runsOf(request),
    at: (index) => ({
      index,
      plan: Math.floor(index / perFile),
      seed: seedAt(request.seeds, index % perFile),
    }),
  };
}

/** Takes the outcomes in order, and prints what is to be said of them. */
class Ledger {
  isInterrupted = false;
  readonly #request: RunRequest;
  readonly #plans: readonly ScenarioPlan[];
  readonly #colours: Colors;
  readonly #progress: Progress;
  readonly #perFile: number;
  #current = { file: 0, summary: new Summary(), startedAt: performance.now() };
  #hasFailed = false;

  constructor(request: RunRequest, plans: readonly ScenarioPlan[], colours: Colors) {
    this.#request = request;
    this.#plans = plans;
    this.#colours = colours;
    this.#perFile = seedCount(request.seeds);
    this.#progress = new Progress(runsOf(request), !request.quiet && errorIsTerminal());
  }

  add({ result, bug }: Outcome, index: number): void {
    const { files, json } = this.#request;
    const place = Math.floor(index / this.#perFile);
    while (this.#current.file < place) this.#nextFile();
    const file = files[place] ?? "";
    const command = commandFor(file, result.seed, this.#request);
    const isFailure = result.verdict === "fail";
    this.#hasFailed ||= isFailure;
    if (json || bug !== null) this.#progress.clear();
    if (json) print(jsonText(result, file, command));
    if (bug !== null) complain(bugText(bug, `${file}, seed ${result.seed}`));
    this.#current.summary.add(result, command);
    this.#progress.add(isFailure);
  }

  end(): number {
    this.#progress.clear();
    if (this.#current.summary.runs > 0) this.#print();
    if (this.isInterrupted) {
      complain("interrupted: this is what had been run\n");
      return exitCodes.interrupted;
    }
    return this.#hasFailed ? exitCodes.failed : exitCodes.passed;
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
