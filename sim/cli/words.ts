import { grouped } from "../../core/observe/numbers.ts";

/** Numbers as the reports write them: the same in every locale. */

export function secondsText(value: number, digits = 1): string {
  return `${grouped(value, digits)} s`;
}

/** Lines of cells below one another; the first this many to the left, numbers to the right. */
export function columns(rows: readonly (readonly string[])[], texts = 1): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) {
      widths[at] = Math.max(widths[at] ?? 0, cell.length);
    }
  }
  return rows.map((row) =>
    row
      .map((cell, at) =>
        at < texts ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
      )
      .join("   ")
      .trimEnd(),
  );
}

/** Text from a user's file on one line, without what would move a terminal's cursor. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, " ").trim();
}

/** Blocks of lines with an empty line between them; those that hold nothing are left out. */
export function paragraphs(blocks: readonly (readonly string[])[]): string {
  const texts = blocks.filter(({ length }) => length > 0).map((lines) => lines.join("\n"));
  return texts.join("\n\n");
}

/** The lower one of the middle two; null of none. */
export function medianOf(values: readonly number[]): number | null {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

const lineMost = 100;

/** Text on lines of a width that people like to read. */
export function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > lineMost) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line];
}
