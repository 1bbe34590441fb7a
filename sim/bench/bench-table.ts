import { availableParallelism, cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";

/** One thing that is measured, and what it is to reach. */
export interface BenchRow {
  readonly what: string;
  /** Seconds, where fewer are better, or things a second, where more are. */
  readonly unit: "s" | "/s";
  readonly goal: number;
  readonly measure: () => Measured;
}

export interface Measured {
  readonly wall: number;
  /**
   * The same by the processors' time: on a busy machine it says more, since it leaves out what
   * others took. All threads are in it, those that collect garbage among them.
   */
  readonly processor: number;
  readonly note?: string;
}

/** How long `run` takes, in seconds. */
export function timed(run: () => void): { readonly wall: number; readonly processor: number } {
  const begun = performance.now();
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return { wall: (performance.now() - begun) / 1000, processor: (user + system) / 1e6 };
}

/** The best of several times, each clock for itself: what others take away is not ours. */
export function best(times: readonly Measured[]): Measured {
  return {
    wall: Math.min(...times.map(({ wall }) => wall)),
    processor: Math.min(...times.map(({ processor }) => processor)),
  };
}

/**
 * Measures the rows, or those that `--only 1,3` names by number, and prints a line for each. The
 * last two columns say how many times as fast as the goal it was, by either clock: from 1 on it is
 * reached. The program ends with 0 whatever they say, and with 2 when it is asked wrongly.
 */
export function runBench(rows: readonly BenchRow[], warmUp: () => void): void {
  const chosen = chosenRows(rows);
  if (typeof chosen === "string") {
    console.error(chosen);
    process.exitCode = 2;
    return;
  }
  console.log(machine());
  print(["", "", "goal", "time", "processor", "of goal", "by processor", ""]);
  warmUp();
  for (const row of chosen) report(row, rows.indexOf(row) + 1);
}

/** What is wrong with the command line, in a sentence, when something is. */
function chosenRows(rows: readonly BenchRow[]): readonly BenchRow[] | string {
  const usage = `rows are chosen by number, 1 to ${rows.length}, such as --only 1,3`;
  try {
    const { only } = parseArgs({ options: { only: { type: "string" } } }).values;
    if (only === undefined) return rows;
    const chosen = only.split(",").map((text) => rows[Number(text) - 1]);
    return chosen.some((row) => row === undefined)
      ? `--only ${only}: ${usage}`
      : (chosen as BenchRow[]);
  } catch (error) {
    return `${(error as Error).message.split(".")[0]}: ${usage}`;
  }
}

function machine(): string {
  const load = (loadavg()[0] as number).toFixed(1);
  const model = cpus()[0]?.model ?? "unknown processor";
  return `${model}, ${availableParallelism()} at once, Node ${process.version}, load ${load}`;
}

function report({ what, unit, goal, measure }: BenchRow, number: number): void {
  const { wall, processor, note = "" } = measure();
  const times = (figure: number) => `${(unit === "s" ? goal / figure : figure / goal).toFixed(2)}x`;
  const figures = [goal, wall, processor].map((each) => `${rounded(each)} ${unit}`);
  print([`${number}`, what, ...figures, times(wall), times(processor), note]);
}

function rounded(figure: number): string {
  if (figure >= 1000) return Math.round(figure).toLocaleString("en");
  return figure >= 100 ? figure.toFixed(0) : figure.toFixed(3);
}

const widths = [2, -45, 13, 13, 13, 9, 13, 0];

function print(cells: readonly string[]): void {
  const padded = cells.map((cell, at) => {
    const width = widths[at] as number;
    return width < 0 ? cell.padEnd(-width) : cell.padStart(width);
  });
  console.log(padded.join(" ").trimEnd());
}
