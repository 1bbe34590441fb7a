/** A figure that both contenders have, and what ours is to reach. */
export interface Row {
  readonly work: string;
  readonly unit: "s" | "ms" | "/s" | "MB" | "";
  /** Null: nobody asked it of Docker's Swarm. */
  readonly theirs: number | null;
  readonly ours: number;
  readonly goal: Goal;
}

/** In times of what Swarm has, or a figure in the unit of the row. */
export type Goal =
  | { readonly kind: "at-most-times" | "at-least-times"; readonly times: number }
  | { readonly kind: "at-most"; readonly figure: number };

const widths = [54, 11, 11, 8, 15, 0] as const;
const head = ["work", "Swarm", "simswarm", "ratio", "goal", ""];
const digits = { s: 2, ms: 1, "/s": 0, MB: 0, "": 0 } as const;

export function isReached({ theirs, ours, goal }: Row): boolean {
  if (goal.kind === "at-most") return ours <= goal.figure;
  if (theirs === null) return false;
  const bound = goal.times * theirs;
  return goal.kind === "at-most-times" ? ours <= bound : ours >= bound;
}

/** The headings, above the rows. */
export const headText = line(head);

/** One line. */
export function rowText(row: Row): string {
  return line(cells(row));
}

export function figureText(figure: number, unit: Row["unit"]): string {
  return `${figure.toFixed(digits[unit])} ${unit}`.trimEnd();
}

/** The middle one; of an even number, the lower of the two. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((left, right) => left - right);
  return sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
}

function cells(row: Row): readonly string[] {
  const { work, unit, theirs, ours, goal } = row;
  return [
    work,
    theirs === null ? "-" : figureText(theirs, unit),
    figureText(ours, unit),
    theirs === null ? "-" : (ours / theirs).toFixed(2),
    goal.kind === "at-most" ? `<= ${goal.figure} ${unit}` : timesText(goal.kind, goal.times),
    isReached(row) ? "reached" : "not reached",
  ];
}

function timesText(kind: "at-most-times" | "at-least-times", times: number): string {
  return `${kind === "at-most-times" ? "<=" : ">="} ${times.toFixed(1)}x`;
}

function line(texts: readonly string[]): string {
  return texts
    .map((text, at) => pad(text, at))
    .join("  ")
    .trimEnd();
}

function pad(text: string, at: number): string {
  const width = widths[at] ?? 0;
  return at === 0 || at > 3 ? text.padEnd(width) : text.padStart(width);
}
