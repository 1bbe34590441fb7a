import stringWidth from "string-width";
import { stringify } from "yaml";
import type { Readable } from "../wire/readable.ts";

export type Format = "table" | "json" | "yaml";

/** What a command shows of each object in a table: a heading and a cell. */
export type Columns<T> = readonly (readonly [heading: string, cell: (item: T) => string])[];

/** Rows below headings, each column as wide as its widest cell. */
export function table<T>(columns: Columns<T>, items: readonly T[]): string {
  const rows = [
    columns.map(([heading]) => heading),
    ...items.map((item) => columns.map(([, cell]) => oneLine(cell(item)))),
  ];
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => stringWidth(row[at] ?? ""))));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => cell + " ".repeat((widths[at] as number) - stringWidth(cell)))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

/** What others have written can't move the cursor. */
export function oneLine(cell: string): string {
  return cell.replace(/\p{Cc}+/gu, " ").trim();
}

export function document(value: Readable, format: "json" | "yaml"): string {
  if (format === "yaml") return stringify(value);
  return `${JSON.stringify(value, null, 2)}\n`;
}
