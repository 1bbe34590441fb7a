import type { Colors } from "picocolors/types.js";
import { counted, grouped } from "../../core/observe/numbers.ts";
import type { BugRow } from "./bugs-request.ts";
import type { Caught } from "./bugs-worker.ts";
import { verdictWord } from "./report.ts";
import { columns, medianOf, oneLine } from "./words.ts";

/** A try that began at a seed, and what broke first in it; null: nothing. */
export interface TryResult {
  readonly first: number;
  readonly caught: Caught | null;
}

/** What the tries of one bug came to. */
export interface RowReport {
  readonly row: BugRow;
  readonly tries: number;
  /** The tries in which the row's invariant was the first to break. */
  readonly caught: number;
  /** How many seeds each of these took. */
  readonly needed: readonly number[];
  /** The median and the most of them; null when there are none. */
  readonly seeds: { readonly median: number; readonly max: number } | null;
  /** How many steps a story needs that breaks the same; null: it was not looked for. */
  readonly stepsLeft: number | null;
  /** Where another invariant broke first. */
  readonly accidents: readonly Caught[];
  /** The first seeds of the tries in which nothing broke. */
  readonly missed: readonly number[];
}

const problemsShown = 5;

export function reportOf(row: BugRow, results: readonly TryResult[]): RowReport {
  const needed: number[] = [];
  const accidents: Caught[] = [];
  const missed: number[] = [];
  for (const { first, caught } of results) {
    if (caught === null) missed.push(first);
    else if (caught.invariant !== row.caughtBy) accidents.push(caught);
    else needed.push(caught.seed - first + 1);
  }
  return reportFrom({ row, needed, stepsLeft: null, accidents, missed });
}

/** The figures that follow from what the tries came to. */
export function reportFrom(
  parts: Pick<RowReport, "row" | "needed" | "stepsLeft" | "accidents" | "missed">,
): RowReport {
  const { row, needed, accidents, missed, stepsLeft } = parts;
  const caught = needed.length;
  const tries = caught + accidents.length + missed.length;
  return { row, tries, caught, needed, seeds: spread(needed), stepsLeft, accidents, missed };
}

function spread(values: readonly number[]): RowReport["seeds"] {
  const median = medianOf(values);
  return median === null ? null : { median, max: Math.max(...values) };
}

/** One row as one line of JSON, with its line end. */
export function reportJson({ row, ...figures }: RowReport): string {
  const { id, change, caughtBy: invariant } = row;
  return `${JSON.stringify({ id, change, invariant, world: worldOf(row), ...figures })}\n`;
}

/** How long it was looked for each bug; null where several hunts are joined. */
export interface Effort {
  readonly tries: number;
  readonly seeds: number;
}

/** The table, what went wrong below it, and the verdict. */
export function huntText(
  effort: Effort | null,
  reports: readonly RowReport[],
  colours: Colors,
): string {
  const head = `${effortText(effort, reports)}; median and max: seeds until it was caught`;
  const table = columns([heads, ...reports.map(cells)], textColumns);
  const problems = reports.flatMap(problemLines);
  return `${[head, "", ...table, "", ...problems, verdict(reports, colours)].join("\n")}\n`;
}

export function effortText(effort: Effort | null, reports: readonly RowReport[]): string {
  if (effort !== null) {
    return `${counted(effort.tries, "try")} each, of ${counted(effort.seeds, "seed")} at most`;
  }
  const tries = reports.map((report) => report.tries);
  const [least, most] = [Math.min(...tries), Math.max(...tries)];
  return least === most ? `${counted(most, "try")} each` : `${least} to ${most} tries each`;
}

/** The heads of the table. */
export const heads = [
  ...["bug", "what is changed", "must break", "world"],
  ...["caught", "by accident", "missed", "median", "max", "steps left"],
];
const textColumns = 4;

/** A row of the table, in the order of `heads`. */
export function cells({ row, caught, seeds, accidents, missed, stepsLeft }: RowReport): string[] {
  const numbers = [caught, accidents.length, missed.length].map((count) => grouped(count));
  const needed = seeds === null ? ["-", "-"] : [grouped(seeds.median), grouped(seeds.max)];
  const steps = stepsLeft === null ? "-" : grouped(stepsLeft);
  return [row.id, row.change, row.caughtBy, worldOf(row), ...numbers, ...needed, steps];
}

/** Where the bug is looked for. */
export function worldOf(row: BugRow): string {
  return "world" in row ? row.world : row.scenario;
}

function problemLines({ row, accidents, missed }: RowReport): string[] {
  const name = `${row.id} (${worldOf(row)})`;
  const lines = [
    ...accidents.map(
      ({ seed, invariant, detail }) =>
        `${name}, seed ${seed}: ${invariant} broke first: ${oneLine(detail)}`,
    ),
    ...missed.map((first) => `${name}, from seed ${first} on: nothing broke`),
  ];
  const more = lines.length - problemsShown;
  const shown = lines.slice(0, problemsShown);
  return more > 0 ? [...shown, `${name}: and ${grouped(more)} more`] : shown;
}

function verdict(reports: readonly RowReport[], colours: Colors): string {
  const sum = (of: (report: RowReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  const [tries, caught] = [sum((report) => report.tries), sum((report) => report.caught)];
  const word = verdictWord(caught === tries ? "pass" : "fail", colours);
  const bugs = counted(reports.length, "bug");
  const steps = medianOf(reports.flatMap(({ stepsLeft }) => stepsLeft ?? []));
  const small = steps === null ? "" : `, median of steps left ${steps}`;
  const score = `${grouped(caught)} of ${counted(tries, "try")} caught as it must be`;
  return `${word}  ${bugs}: ${score}${small}`;
}
