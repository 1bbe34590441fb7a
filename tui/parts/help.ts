import type { ClusterSource } from "../../core/observe/source.ts";
import { groupsFor } from "../keys/press.ts";
import { cell, type Line, span, toWidth } from "../line.ts";
import type { Area } from "../view.ts";

const columnWidth = 38;
const keyWidth = 10;

/** All keys by group, in as many columns as there is room for. */
export function helpLines(kind: ClusterSource["kind"], { width, height }: Area): Line[] {
  const blocks = groupsFor(kind).map(({ title, bindings }): Line[] => [
    [span(` ${title}`, "strong")],
    ...bindings.map(
      ({ shown, what }): Line => [span(` ${cell(shown, keyWidth)} `, "accent"), span(what)],
    ),
    [],
  ]);
  const columns = Math.max(1, Math.floor(width / columnWidth));
  const filled = fillColumns(blocks, columns, height);
  const rows = Math.max(0, ...filled.map((column) => column.length));
  return Array.from({ length: rows }, (_, row) =>
    filled.flatMap((column) => toWidth(column[row] ?? [], columnWidth)),
  );
}

/** Blocks stay whole; the next column is begun where one would not fit. */
function fillColumns(blocks: readonly Line[][], columns: number, height: number): Line[][] {
  const filled: Line[][] = [[]];
  for (const block of blocks) {
    const last = filled.at(-1) ?? [];
    const isFull = last.length > 0 && last.length + block.length - 1 > height;
    if (isFull && filled.length < columns) filled.push([...block]);
    else last.push(...block);
  }
  return filled;
}
