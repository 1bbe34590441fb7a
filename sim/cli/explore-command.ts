import { counted } from "../../core/observe/numbers.ts";
import { Exploration, generation, type Trial } from "../explore/exploration.ts";
import { catalogue, type Finding, type Findings, sortedRecord } from "../explore/findings.ts";
import type { Expectation, ScenarioPlan } from "../scenario/dsl.ts";
import { goalText } from "../scenario/goal-words.ts";
import { bugText } from "./bug.ts";
import { CorpusFolder, commitOf } from "./corpus-folder.ts";
import { exitCodes, WrongInput } from "./exit-codes.ts";
import { type ExploreState, exploreText } from "./explore-progress.ts";
import {
  type ExploreFlags,
  type ExploreRequest,
  exploreRequest,
  shardText,
  trialsOf,
} from "./explore-request.ts";
import type { TrialAnswer } from "./explore-worker.ts";
import { findingsText, hasPassed } from "./findings-report.ts";
import { keptFailure } from "./keep-failure.ts";
import { loadChecked } from "./load-checked.ts";
import { bugOutcome } from "./outcome.ts";
import { complain, endCode, outputColours, print } from "./output.ts";
import { type Jobs, runOnEveryCore } from "./runner.ts";
import { packed } from "./state-bits.ts";
import { StatusLine } from "./status-line.ts";

const failuresListed = 1_000;

/** `sim explore`: the exit code. @throws WrongInput */
export async function exploreCommand(
  files: readonly string[],
  flags: ExploreFlags,
): Promise<number> {
  const request = exploreRequest(files, flags);
  const plans = await loadChecked(files);
  const ledger = new Ledger(request, plans);
  const { jobs: threads, seconds } = request;
  const limits = {
    threads,
    ahead: generation,
    stopAfterMs: seconds === null ? null : seconds * 1e3,
  };
  const running = runOnEveryCore(ledger.jobs, (answer, at) => ledger.take(answer, at), limits);
  if (!request.json) complain(`exploring on ${counted(threads, "thread")}; Ctrl-C ends it\n`);
  const isInterrupted = await running;
  return ledger.end(isInterrupted);
}

/** Takes what the trials have come to, in their order, and sums it up. */
class Ledger {
  readonly jobs: Jobs<Trial, TrialAnswer>;
  readonly #request: ExploreRequest;
  readonly #exploration: Exploration;
  readonly #corpus: CorpusFolder;
  readonly #commit = commitOf();
  readonly #must: readonly string[];
  readonly #progress = new StatusLine();
  readonly #startedAt = performance.now();
  /** Those that are being run. */
  readonly #underWay = new Map<number, Trial>();
  readonly #board = new Map<string, number>();
  readonly #failures: Finding[] = [];
  #runs = 0;
  #failed = 0;
  #events = 0;
  #simulatedSeconds = 0;

  constructor(request: ExploreRequest, plans: readonly ScenarioPlan[]) {
    this.#request = request;
    this.#exploration = new Exploration(plans, request.firstSeed, request.shard);
    this.#corpus = new CorpusFolder(request.corpus);
    this.#must = mustOf(plans, request.allSituations);
    this.jobs = {
      module: new URL("./explore-worker.js", import.meta.url),
      workerData: null,
      count: trialsOf(request),
      at: (place) => this.#begin(place),
      lost: ({ plan, seed }, error) => lostAnswer(plan, seed, error),
    };
  }

  take(answer: TrialAnswer, place: number): void {
    const trial = this.#underWay.get(place);
    if (trial === undefined) return;
    this.#underWay.delete(place);
    this.#exploration.take(place, trial, answer.states);
    this.#runs += 1;
    this.#events += answer.events;
    this.#simulatedSeconds += answer.simulatedSeconds;
    for (const name of answer.situations) this.#board.set(name, (this.#board.get(name) ?? 0) + 1);
    if (answer.violation !== null) this.#fail(trial, answer);
    this.#progress.show(() => exploreText(this.#state()));
  }

  end(isInterrupted: boolean): number {
    this.#progress.clear();
    const findings = this.#findings();
    const colours = outputColours();
    if (this.#request.json) print(`${JSON.stringify(findings)}\n`);
    else print(findingsText(findings, this.#exploration.states, colours));
    if (isInterrupted) return endCode(true, false);
    const { seconds } = this.#request;
    if (seconds !== null && this.#runs === 0) {
      throw new WrongInput("--time was over before the first run was: give it more");
    }
    return hasPassed(findings) ? exitCodes.passed : exitCodes.failed;
  }

  #begin(place: number): Trial {
    const trial = this.#exploration.trialAt(place);
    this.#underWay.set(place, trial);
    return trial;
  }

  #fail(trial: Trial, answer: TrialAnswer): void {
    const { violation, bug } = answer;
    if (violation === null) return;
    this.#failed += 1;
    const scenario = this.#request.files[trial.scenario] ?? "";
    const { seed } = trial;
    if (bug !== null) {
      this.#progress.clear();
      complain(bugText(bug, `${scenario}, seed ${seed}`));
    }
    const { plan } = trial;
    const { digest, choices } = answer;
    const failure = { file: scenario, plan, limits: {}, bug: null, choices };
    const kept = keptFailure(failure, { seed, violation, digest }, this.#commit);
    const file = this.#corpus.keep(kept);
    if (this.#failures.length >= failuresListed) return;
    const { invariant, at, detail } = violation;
    this.#failures.push({ scenario, seed, invariant, at, detail, file });
  }

  #state(): ExploreState {
    const reached = catalogue.filter((name) => this.#board.has(name)).length;
    return {
      runs: this.#runs,
      planned: this.#request.seconds === null ? this.jobs.count : Number.POSITIVE_INFINITY,
      failed: this.#failed,
      reached,
      situations: catalogue.length,
      states: this.#exploration.states,
      elapsedSeconds: this.#elapsed(),
      seconds: this.#request.seconds,
    };
  }

  #findings(): Findings {
    return {
      format: "simswarm-findings",
      version: 1,
      scenarios: this.#request.files,
      firstSeed: this.#request.firstSeed,
      shards: [shardText(this.#request.shard)],
      runs: this.#runs,
      failed: this.#failed,
      simulatedSeconds: this.#simulatedSeconds,
      wallSeconds: this.#elapsed(),
      events: this.#events,
      failures: this.#failures,
      board: sortedRecord(this.#board),
      must: this.#must,
      states: packed(this.#exploration.reached),
    };
  }

  #elapsed(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }
}

function mustOf(plans: readonly ScenarioPlan[], all: boolean): string[] {
  const named = plans.flatMap(({ expect }) => expect.flatMap(mustBe));
  return [...new Set([...named, ...(all ? catalogue : [])])];
}

function mustBe(expectation: Expectation): string[] {
  if (expectation.expect === "reachable") return [expectation.situation];
  return expectation.expect === "sometimes" ? [goalText(expectation.goal)] : [];
}

function lostAnswer(plan: ScenarioPlan, seed: string, error: unknown): TrialAnswer {
  const { result, bug } = bugOutcome(plan.name, seed, error);
  const { digest, events, simulatedSeconds, violations } = result;
  const violation = violations[0] ?? null;
  const nothing = { choices: "", situations: [], states: [] };
  return { violation, bug, digest, events, simulatedSeconds, ...nothing };
}
