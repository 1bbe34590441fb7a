import type { Colors } from "picocolors/types.js";
import { counted, grouped } from "../../core/observe/numbers.ts";
import { Digest } from "../digest.ts";
import type { RunResult, Violation } from "../result.ts";
import { verdictWord, violationText } from "./report.ts";
import { medianOf, oneLine, secondsText, wrapped } from "./words.ts";

/** A run that failed, and how to see it again. */
export interface FailedSeed {
  readonly seed: string;
  readonly violation: Violation | null;
  readonly command: string;
}

/** The fewest tasks of a service that ran in any of the runs. */
export interface Lowest {
  readonly running: number;
  readonly wanted: number;
  readonly seed: string;
}

const failuresKept = 100;
/** Of each invariant. */
const failuresShown = 5;
const lowestShown = 8;

/** What the runs of one scenario come to. Results must be added in the order of their seeds. */
export class Summary {
  runs = 0;
  failed = 0;
  /** The first that failed. */
  readonly failures: FailedSeed[] = [];
  readonly lowest = new Map<string, Lowest>();
  readonly recoveries: number[] = [];
  readonly bounds = { least: Number.POSITIVE_INFINITY, most: 0 };
  readonly #digest = new Digest();

  add(result: RunResult, command: string): void {
    this.runs += 1;
    this.#digest.text(result.digest);
    if (result.verdict === "fail") this.#failed(result, command);
    const { took, bound } = result.recovery;
    if (took !== null) {
      this.recoveries.push(took);
      this.bounds.least = Math.min(this.bounds.least, bound);
      this.bounds.most = Math.max(this.bounds.most, bound);
    }
    for (const [name, report] of Object.entries(result.services)) {
      const known = this.lowest.get(name)?.running ?? Number.POSITIVE_INFINITY;
      const { lowestRunning: running, wanted } = report;
      if (running === null || running >= known) continue;
      this.lowest.set(name, { running, wanted, seed: result.seed });
    }
  }

  /** Depends on every run's digest, and on their order. */
  get digest(): string {
    return this.#digest.hex();
  }

  #failed({ seed, violations }: RunResult, command: string): void {
    this.failed += 1;
    if (this.failures.length >= failuresKept) return;
    this.failures.push({ seed, violation: violations[0] ?? null, command });
  }
}

/** What is said of a summary besides its figures. */
export interface SummaryHead {
  readonly name: string;
  readonly file: string;
  /** `seeds 1..200`. */
  readonly seeds: string;
  /** How many runs there should have been. */
  readonly planned: number;
  readonly wallSeconds: number;
}

export function summaryText(head: SummaryHead, summary: Summary, colours: Colors): string {
  const { name, file, seeds, wallSeconds } = head;
  const perSecond = wallSeconds > 0 ? summary.runs / wallSeconds : 0;
  const lines = [
    `${colours.bold(oneLine(name))} (${file}), ${seeds}`,
    `  runs        ${counts(head, summary)}`,
    `  recovery    ${recovery(summary)}`,
    ...lowestLines(summary),
    `  time        ${secondsText(wallSeconds)}, ${grouped(perSecond, 1)} runs a second`,
    `  digest      ${summary.digest}`,
    `  verdict     ${word(head, summary, colours)}`,
    ...failureLines(summary),
  ];
  return `${lines.join("\n")}\n\n`;
}

/** One line, and the failures below it. */
export function quietSummaryText(head: SummaryHead, summary: Summary, colours: Colors): string {
  const { file, seeds } = head;
  const figures = `${counts(head, summary)}, digest ${summary.digest}`;
  const line = `${word(head, summary, colours)}  ${file}, ${seeds}: ${figures}`;
  return `${[line, ...failureLines(summary)].join("\n")}\n`;
}

function word({ planned }: SummaryHead, { runs, failed }: Summary, colours: Colors): string {
  if (failed > 0) return verdictWord("fail", colours);
  return runs < planned ? colours.yellow("STOPPED") : verdictWord("pass", colours);
}

function counts({ planned }: SummaryHead, { runs, failed }: Summary): string {
  const missing = planned - runs;
  const rest = missing === 0 ? "" : `, ${grouped(missing)} not run`;
  return `${grouped(runs - failed)} passed, ${grouped(failed)} failed${rest}`;
}

function recovery({ recoveries, bounds: { least, most } }: Summary): string {
  if (recoveries.length === 0) return "none was waited for";
  const ordered = [...recoveries].sort((left, right) => left - right);
  const [low = "", middle = "", high = ""] = [ordered[0], medianOf(ordered), ordered.at(-1)].map(
    (took) => secondsText(took ?? 0),
  );
  const bound = least === most ? secondsText(most) : `${grouped(least, 1)} to ${secondsText(most)}`;
  return `${low} at least, ${middle} median, ${high} at most; bound ${bound}`;
}

/** Of the services that ever ran with fewer tasks than they were to have. */
function lowestLines({ lowest }: Summary): string[] {
  const short = [...lowest].filter(([, { running, wanted }]) => running < wanted);
  const lines = short.slice(0, lowestShown).map(([name, { running, wanted, seed }]) => {
    return `${name} ran ${grouped(running)} of ${grouped(wanted)}, seed ${seed}`;
  });
  const more = short.length - lines.length;
  if (more > 0) lines.push(`and ${counted(more, "other service")} with fewer than wanted`);
  return lines.map((line, at) => `  ${at === 0 ? "lowest  " : "        "}    ${line}`);
}

/** The first few of each invariant with the command, of the others the seeds. */
function failureLines({ failed, failures }: Summary): string[] {
  const invariantOf = ({ violation }: FailedSeed) => violation?.invariant ?? "a run";
  const lines = [...new Set(failures.map(invariantOf))].flatMap((invariant) => {
    const all = failures.filter((failure) => invariantOf(failure) === invariant);
    const shown = all
      .slice(0, failuresShown)
      .flatMap(({ seed, violation, command }) => [
        `  seed ${seed}: ${violation === null ? "failed" : violationText(violation)}`,
        `    ${command}`,
      ]);
    const rest = all.slice(failuresShown).map(({ seed }) => seed);
    return rest.length === 0 ? shown : [...shown, ...moreLines(invariant, rest)];
  });
  const more = failed - failures.length;
  return more > 0 ? [...lines, `  and ${grouped(more)} more`] : lines;
}

function moreLines(invariant: string, seeds: readonly string[]): string[] {
  const text = `${invariant} broke in ${grouped(seeds.length)} more: seeds ${seeds.join(" ")}`;
  return wrapped(text).map((line) => `  ${line}`);
}
