import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { noBug } from "../core/base/planted.ts";
import type { Tap } from "../core/base/random.ts";
import { ms, seconds } from "../core/base/time.ts";
import { ChoiceRecorder, choicesText, diverging } from "./chance/choices.ts";
import { withoutAmbient } from "./cli/ambient.ts";
import { keepFailure } from "./cli/keep-failure.ts";
import { problemsText } from "./cli/load-checked.ts";
import { violationText } from "./cli/report.ts";
import { Evidence } from "./explain/evidence.ts";
import { Alternate } from "./explore/alternate.ts";
import { Coverage } from "./explore/coverage.ts";
import type { Trial } from "./explore/exploration.ts";
import { areMachines, type Machines, machines } from "./machine/machine.ts";
import { MachineRun } from "./machine/machine-run.ts";
import { type RecordedWorld, SpanRecorder } from "./record/span-recorder.ts";
import { reportPage } from "./report/report-page.ts";
import type { RunResult, StoryLine } from "./result.ts";
import { Run } from "./run.ts";
import { checkScenario } from "./scenario/check.ts";
import { type ScenarioPlan, type Span, scenario } from "./scenario/dsl.ts";
import { span } from "./scenario/units.ts";
import { together } from "./world/watch.ts";

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
  /** So many clients, 0 to 100, in place of the scenario's. Scenarios only. */
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
 * One run. @throws SimulationFailed, also where a machine throws; TypeError for a subject that
 * makes no sense; Error for machines whose runs of one seed differ
 */
export async function simulate(
  subject: Subject,
  options: SimulateOptions = {},
): Promise<RunResult> {
  checkSubject(subject);
  const seed = String(options.seed ?? "1");
  const result = resultOf(subject, seed, options);
  if (result.verdict === "fail") throw await failure(subject, result, options);
  return result;
}

/**
 * Many runs, until one fails: of a scenario in turn as it is written and as `sim explore` draws
 * them (see `Alternate`), of machines one for each seed. `SIM_SEED` in the environment makes it the
 * one run from that seed, as written.
 * @throws as `simulate` does
 */
export async function explore(subject: Subject, options: ExploreOptions = {}): Promise<Explored> {
  checkSubject(subject);
  const { from = 1, seeds = 100 } = options;
  const only = process.env.SIM_SEED;
  if (only !== undefined) return exploreSeeds(subject, [only], options);
  if (!areMachines(subject)) return exploreTrials(new Alternate(subject, from), seeds, options);
  const all = Array.from({ length: seeds }, (_, at) => String(from + at));
  return exploreSeeds(subject, all, options);
}

async function exploreSeeds(
  subject: Subject,
  seeds: readonly string[],
  options: ExploreOptions,
): Promise<Explored> {
  let [events, simulatedSeconds] = [0, 0];
  for (const [place, seed] of seeds.entries()) {
    const result = resultOf(subject, seed, options);
    if (result.verdict === "fail") throw await failure(subject, result, options);
    if (place === 0) checkSame(result, resultOf(subject, seed, options));
    events += result.events;
    simulatedSeconds += result.simulatedSeconds;
  }
  return { seeds: seeds.length, events, simulatedSeconds };
}

async function exploreTrials(
  trials: Alternate,
  count: number,
  options: ExploreOptions,
): Promise<Explored> {
  let [events, simulatedSeconds] = [0, 0];
  for (let place = 0; place < count; place += 1) {
    const trial = trials.trialAt(place);
    const coverage: Coverage[] = [];
    const result = resultOf(trial.plan, trial.seed, options, { coverage, tap: tapOf(trial) });
    if (result.verdict === "fail") throw await failure(trial.plan, result, options, trial);
    trials.take(place, trial, [...(coverage[0]?.states ?? [])]);
    events += result.events;
    simulatedSeconds += result.simulatedSeconds;
  }
  return { seeds: count, events, simulatedSeconds };
}

function tapOf({ branch }: Trial): Tap | null {
  return branch === null ? null : diverging(branch);
}

type Watching = Pick<SimulateOptions, "until" | "clients">;

/** Who looks on, and what is made of the run's choices. */
interface Onlookers {
  readonly recorders?: SpanRecorder[];
  readonly coverage?: Coverage[];
  readonly tap?: Tap | null;
}

function resultOf(
  subject: Subject,
  seed: string,
  { until, clients }: Watching,
  { recorders, coverage, tap = null }: Onlookers = {},
): RunResult {
  const startedAt = performance.now();
  const observer = {
    ...(recorders !== undefined && {
      watch: (world: RecordedWorld) => {
        const recorder = new SpanRecorder(world);
        recorders.push(recorder);
        return recorder;
      },
      story: (line: StoryLine) => recorders[0]?.told(line),
    }),
  };
  const limits = {
    ...(until !== undefined && { until: span(until) }),
    ...(clients !== undefined && { clients }),
    ...(tap !== null && { tap }),
  };
  const evidence = new Evidence();
  const watches = [
    ...(coverage === undefined ? [] : [coveredBy(coverage)]),
    ...(observer.watch === undefined ? [] : [observer.watch, evidence.watch]),
  ];
  const watched = { ...observer, ...(watches.length > 0 && { watch: together(watches) }) };
  const run = areMachines(subject)
    ? new MachineRun(subject, seed, observer)
    : new Run(subject, seed, { ...limits, observer: watched }, noBug);
  const result = evidence.explained(withoutAmbient(() => run.toEnd()));
  return { ...result, wallSeconds: (performance.now() - startedAt) / 1000 };
}

function coveredBy(
  coverage: Coverage[],
): (world: ConstructorParameters<typeof Coverage>[0]) => Coverage {
  return (world) => {
    const covered = new Coverage(world);
    coverage.push(covered);
    return covered;
  };
}

/** Runs the seed again, this time with someone who writes it down. */
async function failure(
  subject: Subject,
  first: RunResult,
  options: SimulateOptions,
  trial: Trial | null = null,
): Promise<SimulationFailed> {
  const { seed } = first;
  const recorders: SpanRecorder[] = [];
  const tap = trial === null ? null : tapOf(trial);
  const result = resultOf(subject, seed, options, { recorders, tap });
  checkSame(first, result);
  const { reports = "sim-reports" } = options;
  const [violation] = result.violations;
  const what = violation === undefined ? "failed" : violationText(violation);
  const story = `${result.scenario}, seed ${seed}: ${what}`;
  const known = result.evidence.length === 0 ? [] : ["  what is known of it:", ...result.evidence];
  const record = recorders[0]?.record();
  if (reports === null || record === undefined) {
    return new SimulationFailed(result, null, [story, `  again    SIM_SEED=${seed}`, ...known]);
  }
  mkdirSync(reports, { recursive: true });
  const stem = join(reports, `${fileName(result.scenario)}-seed-${fileName(seed)}`);
  const command =
    trial === null
      ? commandFor(subject, stem, seed, options)
      : keepTrial(trial, result, stem, options);
  const page = await reportPage({ plan: subject, result, record, command });
  writeFileSync(`${stem}.html`, page);
  const lines = [story, `  report   ${stem}.html`, `  again    ${command}`, ...known];
  return new SimulationFailed(result, `${stem}.html`, lines);
}

/** What keeps something between two runs, or asks the world outside, is of no use here. */
function checkSame({ scenario, seed, digest }: RunResult, again: RunResult): void {
  if (digest === again.digest) return;
  const cause =
    "machines must depend on nothing but what `step` is told, and `start` make them new";
  throw new Error(`${scenario}, seed ${seed}: two runs of the same seed differ; ${cause}`);
}

/** What was drawn for the run, and all its choices, are kept as `sim run --keep` does. */
function keepTrial(trial: Trial, result: RunResult, stem: string, watching: Watching): string {
  const recorder = new ChoiceRecorder();
  const diverge = tapOf(trial) ?? ((word: number) => word);
  const tap: Tap = (word) => recorder.tap(diverge(word));
  resultOf(trial.plan, trial.seed, watching, { tap });
  const { until, clients } = watching;
  const limits = {
    ...(until !== undefined && { until: span(until) }),
    ...(clients !== undefined && { clients }),
  };
  const choices = choicesText(recorder.list());
  const file = `${stem}.json`;
  keepFailure(file, { file, plan: trial.plan, limits, bug: null, choices }, result);
  return `npx sim replay ${file}`;
}

/** A scenario is data, so it can be written to a file that `sim run` takes. */
function commandFor(
  subject: Subject,
  stem: string,
  seed: string,
  { until, clients }: Watching,
): string {
  if (areMachines(subject)) return `SIM_SEED='${seed}' npx vitest run`;
  const text = JSON.stringify(subject, null, 2);
  const head = 'import { scenario } from "simswarm/scenario";\n\n';
  writeFileSync(`${stem}.ts`, `${head}export default scenario(${text});\n`);
  const limits = [
    ...(until === undefined ? [] : [` --until ${until}`]),
    ...(clients === undefined ? [] : [` --clients ${clients}`]),
  ];
  return `npx sim run ${stem}.ts --seed '${seed}'${limits.join("")}`;
}

function fileName(text: string): string {
  return text.replace(/[^\w.-]+/g, "-");
}

function checkSubject(subject: Subject): void {
  const problems = areMachines(subject) ? machineProblems(subject) : checkScenario(subject);
  if (problems.length > 0) throw new TypeError(problemsText(subject.name, problems));
}

/** Steps and chaos are held against what they would be in a scenario with these nodes. */
function machineProblems({ name, story, nodes, steps = [], chaos }: Machines) {
  const plan: ScenarioPlan = {
    ...{ name, story, services: [], steps, expect: [] },
    topology: { managers: nodes.map((node) => ({ name: node })), workers: 0 },
    ...(chaos !== undefined && { chaos }),
  };
  return checkScenario(plan);
}
