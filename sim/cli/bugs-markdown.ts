import { counted, grouped } from "../../core/observe/numbers.ts";
import { cells, type Effort, effortText, heads, type RowReport } from "./bugs-report.ts";
import { medianOf } from "./words.ts";

const textColumns = 4;

/** The table as a page of the documentation. */
export function huntMarkdown(effort: Effort | null, reports: readonly RowReport[]): string {
  const sum = (of: (report: RowReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  const ids = new Set(reports.map(({ row }) => row.id));
  const needed = medianOf(reports.flatMap((report) => report.seeds?.median ?? []));
  const steps = medianOf(reports.flatMap(({ stepsLeft }) => stepsLeft ?? []));
  const made = effortText(effort, reports);
  const [caught, all] = [sum((report) => report.caught), sum((report) => report.tries)];
  return [
    "# Planted bugs",
    "",
    "To prove that the checkers look, bugs are planted in the code that production runs, one at a",
    "time, and each must be caught by the invariant that guards the rule it breaks. What another",
    "invariant sees first counts as an accident. This page is what `sim bugs --markdown` prints;",
    "`sim shrink SCENARIO --seed S --bug ID` shows the small story of one.",
    "",
    `${counted(reports.length, "row")} of ${counted(ids.size, "bug")}, ${made}.`,
    `Caught as they must be: ${grouped(caught)} of ${counted(all, "try")}.`,
    `Median over the bugs: ${needed ?? "-"} seeds needed, ${steps ?? "-"} steps left.`,
    "",
    ...table([heads, ...reports.map(cells)]),
    "",
  ].join("\n");
}

/** Laid out as formatters of Markdown do it: numbers to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = heads.map((_head, at) =>
    Math.max(3, ...rows.map((row) => (row[at] ?? "").length)),
  );
  const rule = widths.map((width, at) =>
    at < textColumns ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [...rows.slice(0, 1), rule, ...rows.slice(1)].map((row) => {
    const padded = row.map((text, at) =>
      at < textColumns ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0),
    );
    return `| ${padded.join(" | ")} |`;
  });
}
