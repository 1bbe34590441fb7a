import { cell, chosen, type Line, lineWidth, type Span, span, toWidth } from "../line.ts";
import type { Look } from "../look.ts";
import type { Area } from "../view.ts";
import { windowAround } from "./window.ts";

export interface Column<Item> {
  readonly title: string;
  /** Columns of the terminal; 0: all that is left. */
  readonly width: number;
  readonly align?: "right";
  /** Shown where the table is at least so wide; default: always. */
  readonly from?: number;
  /** Cut or filled to the width that it gets. */
  text(item: Item, look: Look, width: number): Line | Span;
}

interface Rows<Item> extends Area {
  readonly items: readonly Item[];
  readonly at: number;
  readonly look: Look;
}

const gap = 1;

/** A line of titles, and those rows that fit around the chosen one. */
export function table<Item>(columns: readonly Column<Item>[], rows: Rows<Item>): Line[] {
  const { items, at, look, width, height } = rows;
  const shown = columns.filter(({ from = 0 }) => width >= from);
  const fixed = shown.reduce((sum, column) => sum + column.width + gap, gap);
  const rest = Math.max(4, width - fixed);
  const widths = shown.map((column) => column.width || rest);
  const titles = shown.map(({ title, align }, n) => cell(title, widths[n] ?? 0, align));
  const { first, count } = windowAround(at, items.length, height - 1);
  const lines = items.slice(first, first + count).map((item, n) => {
    const cells = shown.map((column, c) => {
      const wide = widths[c] ?? 0;
      return aligned(column, column.text(item, look, wide), wide);
    });
    return row(cells, first + n === at, look);
  });
  return [[span(` ${titles.join(" ")}`, "quiet")], ...lines];
}

function aligned<Item>({ align }: Column<Item>, text: Line | Span, width: number): Line {
  const line = "text" in text ? [span(cell(text.text, width, align), text.tone)] : text;
  if (align !== "right") return toWidth(line, width);
  return toWidth([span(" ".repeat(Math.max(0, width - lineWidth(line)))), ...line], width);
}

function row(cells: readonly Line[], isChosen: boolean, { symbols }: Look): Line {
  const line = cells.flatMap((each) => [...each, span(" ")]);
  return isChosen ? chosen([span(symbols.pointer), ...line]) : [span(" "), ...line];
}
