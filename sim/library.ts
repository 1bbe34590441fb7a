import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { noBug } from "../core/base/planted.ts";
import { ms, seconds } from "../core/base/time.ts";
import { problemsText } from "./cli/load-checked.ts";
import { violationText } from "./cli/report.ts";
import { areMachines, type Machines, machines } from "./machine/machine.ts";
import { MachineRun } from "./machine/machine-run.ts";
import { type RecordedWorld, SpanRecorder } from "./record/span-recorder.ts";
import { reportPage } from "./report/report-page.ts";
import type { RunResult, StoryLine } from "./result.ts";
import { Run } from "./run.ts";
import { checkScenario } from "./scenario/check.ts";
import { type ScenarioPlan, type Span, scenario } from "./scenario/dsl.ts";
import { span } from "./scenario/units.ts";

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

/** One run. @throws SimulationFailed; TypeError for a subject that makes no sense */
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
 * One run for each seed, until one fails. `SIM_SEED` in the environment makes it that one seed.
 * @throws SimulationFailed; TypeError for a subject that makes no sense
 */
export async function explore(subject: Subject, options: ExploreOptions = {}): Promise<Explored> {
  checkSubject(subject);
  const { from = 1, seeds = 100 } = options;
  const only = process.env.SIM_SEED;
  const all = Array.from({ length: seeds }, (_, at) => String(from + at));
  let [events, simulatedSeconds] = [0, 0];
  const chosen = only === undefined ? all : [only];
  for (const seed of chosen) {
    const result = resultOf(subject, seed, options);
    if (result.verdict === "fail") throw await failure(subject, result, options);
    events += result.events;
    simulatedSeconds += result.simulatedSeconds;
  }
  return { seeds: chosen.length, events, simulatedSeconds };
}

type Watching = Pick<SimulateOptions, "until" | "clients">;

function resultOf(
  subject: Subject,
  seed: string,
  { until, clients }: Watching,
  recorders?: SpanRecorder[],
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
  };
  const run = areMachines(subject)
    ? new MachineRun(subject, seed, observer)
    : new Run(subject, seed, { ...limits, observer }, noBug);
  return { ...run.toEnd(), wallSeconds: (performance.now() - startedAt) / 1000 };
}

/** Runs the seed again, this time with someone who writes it down. */
async function failure(
  subject: Subject,
  { seed }: RunResult,
  options: SimulateOptions,
): Promise<SimulationFailed> {
  const recorders: SpanRecorder[] = [];
  const result = resultOf(subject, seed, options, recorders);
  const { reports = "sim-reports" } = options;
  const [violation] = result.violations;
  const what = violation === undefined ? "failed" : violationText(violation);
  const first = `${result.scenario}, seed ${seed}: ${what}`;
  const record = recorders[0]?.record();
  if (reports === null || record === undefined) {
    return new SimulationFailed(result, null, [first, `  again    SIM_SEED=${seed}`]);
  }
  mkdirSync(reports, { recursive: true });
  const stem = join(reports, `${fileName(result.scenario)}-seed-${fileName(seed)}`);
  const command = commandFor(subject, stem, seed, options);
  const page = await reportPage({ plan: subject, result, record, command });
  writeFileSync(`${stem}.html`, page);
  const lines = [first, `  report   ${stem}.html`, `  again    ${command}`];
  return new SimulationFailed(result, `${stem}.html`, lines);
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
