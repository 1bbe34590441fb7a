import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { noBug } from "../core/base/planted.ts";
import type { Tap } from "../core/base/random.ts";
import { ms, seconds } from "../core/base/time.ts";
import { ChoiceRecorder, choicesText, diverging } from "./chance/choices.ts";
import { withoutAmbient } from "./cli/ambient.ts";
import { commandFor, quoted } from "./cli/command-line.ts";
import { keepFailure } from "./cli/keep-failure.ts";
import { problemsText } from "./cli/load-checked.ts";
import { violationText } from "./cli/report.ts";
import type { RunLimits } from "./cli/request.ts";
import { Evidence } from "./explain/evidence.ts";
import { Alternate } from "./explore/alternate.ts";
import { Coverage } from "./explore/coverage.ts";
import type { Trial } from "./explore/exploration.ts";
import { machineProblems } from "./machine/check-machines.ts";
import { areMachines, type Machines, machines } from "./machine/machine.ts";
import { MachineRun } from "./machine/machine-run.ts";
import { TakenDown } from "./record/taken-down.ts";
import { reportPage } from "./report/report-page.ts";
import type { RunResult } from "./result.ts";
import { Run } from "./run.ts";
import { checkScenario } from "./scenario/check.ts";
import { type ScenarioProblem, shown } from "./scenario/check-problem.ts";
import { clientsMax } from "./scenario/check-values.ts";
import { type ScenarioPlan, type Span, scenario } from "./scenario/dsl.ts";
import { printScenario } from "./scenario/print.ts";
import { parseSpan, span } from "./scenario/units.ts";
import { together, type Watch } from "./world/watch.ts";

/**
 * The simulator as a library: `simswarm/sim`. One line makes a test, in vitest or any other runner:
 *
 *     import { explore, scenario, simulate } from "simswarm/sim";
 *
 *     test("the leader may crash", () => simulate(plan, { seed: "7" }));
 *     test("nothing is ever lost", () => explore(plan, { seeds: 200 }));
 *
 * Where a property breaks both reject with a `SimulationFailed`, whose message says what broke,
 * where the report is that shows it, and the command that shows it again. `plan` is a scenario, or
 * machines of your own (see `machines`).
 */

export type {
  Machine,
  MachineInput,
  MachineInvariant,
  MachineMoment,
  MachineNode,
  MachineOutput,
  MachinePlan,
  Machines,
} from "./machine/machine.ts";
export type { RunResult, ServiceReport, Violation } from "./result.ts";
export { machines, ms, scenario, seconds };

/** What is to run: a scenario, or machines of a user's own. */
export type Subject = ScenarioPlan | Machines;

export interface SimulateOptions {
  /** Any text. Default: "1". */
  readonly seed?: string | number;
  /** Stop after this much simulated time; then only safety was checked. Scenarios only. */
  readonly until?: Span;
  /** How many clients, 0 to 100, in place of the scenario's. Scenarios only. */
  readonly clients?: number;
  /** The folder for reports of runs that fail; null: none is written. Default: `sim-reports`. */
  readonly reports?: string | null;
}

export interface ExploreOptions extends Omit<SimulateOptions, "seed"> {
  /** How many seeds. Default: 100. */
  readonly seeds?: number;
  /** The first of them. Default: 1. */
  readonly from?: number;
}

/** What an exploration that found nothing has to tell. */
export interface Explored {
  readonly seeds: number;
  /** Handled events, of all runs. */
  readonly events: number;
  readonly simulatedSeconds: number;
}

/** A property broke. */
export class SimulationFailed extends Error {
  override readonly name = "SimulationFailed";
  readonly result: RunResult;
  /** Where the report is; null when none was wanted. */
  readonly report: string | null;

  constructor(result: RunResult, report: string | null, lines: readonly string[]) {
    super(lines.join("\n"));
    this.result = result;
    this.report = report;
  }
}

/**
 * One run. @throws SimulationFailed, also where a machine throws; TypeError for a subject or an
 * option that makes no sense; Error for machines whose runs of one seed differ
 */
export async function simulate(
  subject: Subject,
  options: SimulateOptions = {},
): Promise<RunResult> {
  check(subject, options, ["seed", "until", "clients", "reports"]);
  const seed = String(options.seed ?? "1");
  const again = `simulate(..., { seed: ${JSON.stringify(seed)} })`;
  const run = { ...asWritten(subject, seed), again };
  const result = resultOf(run, options);
  if (result.verdict === "fail") throw await failure(run, result, options);
  return result;
}

/**
 * Many runs, until one fails: of a scenario in turn as it is written and as `sim explore` draws
 * them (see `Alternate`), of machines one for each seed. `SIM_SEED` in the environment makes it the
 * one run from that seed, as written.
 * @throws as `simulate` does
 */
export async function explore(subject: Subject, options: ExploreOptions = {}): Promise<Explored> {
  check(subject, options, ["seeds", "from", "until", "clients", "reports"]);
  const { from = 1, seeds = 100 } = options;
  const only = process.env.SIM_SEED ?? "";
  if (only !== "") return exploreAll([asWritten(subject, only)], options);
  const runs = areMachines(subject) ? seedsOf : trialsOf;
  return exploreAll(runs(subject as Machines & ScenarioPlan, from, seeds), options);
}

/** One run: of what, and from which seed. */
interface OneRun {
  readonly subject: Subject;
  readonly seed: string;
  /** What an exploration has drawn, which may be the scenario as it is written; null: nothing. */
  readonly trial: Trial | null;
  /** What shows it again where nothing is kept of it. */
  readonly again: string;
  /** Takes in which states it reaches. */
  readonly coverage?: Coverage[];
}

function asWritten(subject: Subject, seed: string): OneRun {
  return { subject, seed, trial: null, again: exploredAgain(seed) };
}

/** What has `explore` make the one run of that seed. */
function exploredAgain(seed: string): string {
  return `SIM_SEED=${quoted(seed)} npx vitest run`;
}

function* seedsOf(subject: Machines, from: number, count: number): Generator<OneRun> {
  for (let seed = from; seed < from + count; seed += 1) yield asWritten(subject, String(seed));
}

/** The trials of a scenario. Each must have been run when the next is asked for. */
function* trialsOf(plan: ScenarioPlan, from: number, count: number): Generator<OneRun> {
  const trials = new Alternate(plan, from);
  for (let place = 0; place < count; place += 1) {
    const trial = trials.trialAt(place);
    const coverage: Coverage[] = [];
    const { seed } = trial;
    const again = trial.plan === plan && trial.branch === null ? exploredAgain(seed) : drawn;
    yield { subject: trial.plan, seed, trial, again, coverage };
    trials.take(place, trial, [...(coverage[0]?.states ?? [])]);
  }
}

async function exploreAll(runs: Iterable<OneRun>, options: ExploreOptions): Promise<Explored> {
  let [seeds, events, simulatedSeconds] = [0, 0, 0];
  for (const run of runs) {
    const result = resultOf(run, options);
    if (result.verdict === "fail") throw await failure(run, result, options);
    if (seeds === 0 && areMachines(run.subject)) checkSame(result, resultOf(run, options));
    seeds += 1;
    events += result.events;
    simulatedSeconds += result.simulatedSeconds;
  }
  return { seeds, events, simulatedSeconds };
}

type Limits = Pick<SimulateOptions, "until" | "clients">;

/** Who takes down a run that has failed. */
interface Onlookers {
  readonly taken: TakenDown;
  readonly choices: ChoiceRecorder;
}

function resultOf(run: OneRun, limits: Limits, onlookers: Onlookers | null = null): RunResult {
  const startedAt = performance.now();
  const { subject, seed, coverage } = run;
  const evidence = new Evidence();
  const told = onlookers === null ? {} : { story: onlookers.taken.story };
  const watches = [
    ...(coverage === undefined ? [] : [coveredBy(coverage)]),
    ...(onlookers === null ? [] : [onlookers.taken.watch, evidence.watch]),
  ];
  const tap = tapOf(run, onlookers);
  const made = areMachines(subject)
    ? new MachineRun(subject, seed, { ...told, ...(onlookers && { watch: onlookers.taken.watch }) })
    : new Run(
        subject,
        seed,
        {
          ...limitsOf(limits),
          ...(tap && { tap }),
          observer: { ...told, watch: together(watches) },
        },
        noBug,
      );
  const result = evidence.explained(withoutAmbient(() => made.toEnd()));
  return { ...result, wallSeconds: (performance.now() - startedAt) / 1000 };
}

/** Null where nobody takes down or changes what chance chooses. */
function tapOf({ trial }: OneRun, onlookers: Onlookers | null): Tap | null {
  const diverge = trial?.branch ? diverging(trial.branch) : null;
  if (onlookers === null) return diverge;
  return (word) => onlookers.choices.tap(diverge === null ? word : diverge(word));
}

function coveredBy(coverage: Coverage[]): Watch {
  return (world) => {
    const covered = new Coverage(world);
    coverage.push(covered);
    return covered;
  };
}

function limitsOf({ until, clients }: Limits): RunLimits {
  return {
    ...(until !== undefined && { until: span(until) }),
    ...(clients !== undefined && { clients }),
  };
}

/** Makes the run again, this time with someone who takes it down. */
async function failure(
  run: OneRun,
  first: RunResult,
  options: SimulateOptions,
): Promise<SimulationFailed> {
  const onlookers = { taken: new TakenDown(), choices: new ChoiceRecorder() };
  const result = resultOf(run, options, onlookers);
  checkSame(first, result);
  const { seed } = run;
  const { reports = "sim-reports" } = options;
  const [violation] = result.violations;
  const what = violation === undefined ? "failed" : violationText(violation);
  const story = `${result.scenario}, seed ${seed}: ${what}`;
  const known = result.evidence.length === 0 ? [] : ["  what is known of it:", ...result.evidence];
  const record = onlookers.taken.record();
  if (reports === null || record === null) {
    return new SimulationFailed(result, null, [story, `  again    ${run.again}`, ...known]);
  }
  mkdirSync(reports, { recursive: true });
  const stem = join(reports, `${fileName(result.scenario)}-seed-${fileName(seed)}`);
  const command = kept(run, result, stem, options, onlookers.choices);
  const page = await reportPage({ plan: run.subject, result, record, command });
  writeFileSync(`${stem}.html`, page);
  const lines = [story, `  report   ${stem}.html`, `  again    ${command}`, ...known];
  return new SimulationFailed(result, `${stem}.html`, lines);
}

const drawn = "give `reports` a folder: its faults were drawn, and the seed alone does not show it";

/** What keeps something between two runs, or asks the world outside, is of no use here. */
function checkSame({ scenario, seed, digest }: RunResult, again: RunResult): void {
  if (digest === again.digest) return;
  const cause =
    "machines must depend on nothing but what `step` is told, and `start` make them new";
  throw new Error(`${scenario}, seed ${seed}: two runs of the same seed differ; ${cause}`);
}

/**
 * Keeps what shows the run again, and returns the command that does: a trial as `sim run --keep`
 * keeps a failure, any other scenario as the source that it is; machines are in the user's test.
 */
function kept(
  { subject, seed, trial, again }: OneRun,
  result: RunResult,
  stem: string,
  limits: Limits,
  recorder: ChoiceRecorder,
): string {
  if (areMachines(subject)) return again;
  if (trial !== null) {
    const choices = choicesText(recorder.list());
    const file = `${stem}.json`;
    const failed = { file, plan: subject, limits: limitsOf(limits), bug: null, choices };
    for (const problem of keepFailure(file, failed, result)) throw new Error(problem);
    return `npx sim replay ${quoted(file)}`;
  }
  const file = `${stem}.ts`;
  writeFileSync(file, printScenario(subject));
  const { until, clients = null } = limits;
  const ends = until === undefined ? null : { text: until, us: span(until) };
  return commandFor(file, seed, { until: ends, clients });
}

function fileName(text: string): string {
  return text.replace(/[^\w.-]+/g, "-");
}

/** @throws TypeError with everything that makes no sense, before anything runs */
function check(subject: Subject, options: ExploreOptions, known: readonly string[]): void {
  const isObject = typeof subject === "object" && subject !== null;
  const isOfUser = isObject && areMachines(subject);
  const found = isOfUser ? machineProblems(subject) : checkScenario(subject as ScenarioPlan);
  const unknown = Object.keys(options).filter((option) => !known.includes(option));
  const problems = [
    ...found,
    ...optionProblems(options, isOfUser),
    ...unknown.map((option) => ({
      where: `the option ${option}`,
      reason: "is none",
      help: `there are ${known.join(", ")}`,
    })),
  ];
  const name = (isObject ? subject.name : null) ?? "simulate";
  if (problems.length > 0) throw new TypeError(problemsText(name, problems));
}

function optionProblems(
  { seeds = 1, from = 0, until, clients = 0 }: ExploreOptions,
  isOfUser: boolean,
): ScenarioProblem[] {
  const counts = [
    ["seeds", seeds, 1, seedsMost],
    ["from", from, 0, seedsMost],
    ["clients", clients, 0, isOfUser ? 0 : clientsMax],
  ] as const;
  const wrong = counts.filter(
    ([, value, least, most]) => !(Number.isSafeInteger(value) && value >= least && value <= most),
  );
  const spanIsGood = until === undefined || (!isOfUser && (parseSpan(until) ?? 0) > 0);
  return [
    ...wrong.map(([where, value, least, most]) => ({
      where: `the option ${where}`,
      reason: `${shown(value)} makes no sense`,
      help:
        isOfUser && where === "clients" ? ofScenarios : `write a whole number, ${least} to ${most}`,
    })),
    ...(spanIsGood
      ? []
      : [
          {
            where: "the option until",
            reason: `${shown(until)} makes no sense`,
            help: isOfUser ? ofScenarios : "write a span of simulated time, such as 90s or 5m",
          },
        ]),
  ];
}

const seedsMost = 1_000_000_000;
const ofScenarios = "leave it out: it is for scenarios";
