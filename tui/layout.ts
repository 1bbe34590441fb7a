import type { Ui } from "./ui.ts";
import type { Area } from "./view.ts";

/** The terminal's size, in columns and rows. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Layout {
  readonly width: number;
  readonly main: Area;
  /** The details; null while they are shut. */
  readonly side: Area | null;
}

/** The summary and the tabs above, the time and the prompt below. */
export const headerRows = 2;
export const footerRows = 2;
/** Details open by themselves from this many columns on. */
const wide = 110;

export function layoutOf({ columns, rows }: Size, { side }: Ui): Layout {
  const width = Math.max(20, columns);
  const height = Math.max(3, rows - headerRows - footerRows);
  const isOpen = side === "open" || (side === "auto" && width >= wide);
  if (!isOpen) return { width, main: { width, height }, side: null };
  const sideWidth = Math.min(60, Math.max(34, Math.floor(width * 0.34)), width - 4);
  return {
    width,
    main: { width: width - sideWidth, height },
    side: { width: sideWidth, height },
  };
}
