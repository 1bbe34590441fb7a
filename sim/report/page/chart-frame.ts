import type { PlotOptions } from "@observablehq/plot";
import type { ViewWindow } from "./view-window.ts";

/** The left margin of every chart, so that their times are below one another. */
export const marginLeft = 96;
export const marginRight = 26;

/** A chart over time: all share their left and right edges. */
export function overTime({ from, to }: ViewWindow, width: number): PlotOptions {
  return {
    width,
    marginLeft,
    marginRight,
    x: {
      domain: [from / 1e6, to / 1e6],
      grid: true,
      label: null,
      ticks: Math.max(3, Math.floor(width / 110)),
      tickFormat: tickText(to - from),
    },
    style: { fontFamily: "inherit", fontSize: "12px", background: "none", color: "var(--text)" },
  };
}

/** A name that fits beside a chart: of a long one its middle is left out. */
export function shortName(name: string, lettersMost: number): string {
  if (name.length <= lettersMost) return name;
  const kept = lettersMost - 1;
  const tail = Math.floor(kept / 2);
  return `${name.slice(0, kept - tail)}\u2026${name.slice(-tail)}`;
}

function tickText(width: number): (seconds: number) => string {
  const digits = width > 2e7 ? 0 : width > 2e6 ? 1 : width > 2e4 ? 3 : 6;
  return (seconds) => `${seconds.toFixed(digits)} s`;
}

/** Where a moment is on a chart of this width, in pixels from its left. */
export function placeAt(moment: number, { from, to }: ViewWindow, width: number): number {
  return marginLeft + ((moment - from) / (to - from)) * (width - marginLeft - marginRight);
}

/** The moment at this many pixels from the left of a chart. */
export function momentAt(x: number, { from, to }: ViewWindow, width: number): number {
  const share = (x - marginLeft) / (width - marginLeft - marginRight);
  return Math.round(from + Math.min(1, Math.max(0, share)) * (to - from));
}

/** True for what is at least partly within the window. */
export function overlaps({ from, to }: ViewWindow, span: { from: number; to: number }): boolean {
  return span.from <= to && span.to >= from;
}

/** Cuts a span to the window, in seconds. */
export function clipped(
  { from, to }: ViewWindow,
  span: { readonly from: number; readonly to: number },
): { x1: number; x2: number } {
  return { x1: Math.max(from, span.from) / 1e6, x2: Math.min(to, span.to) / 1e6 };
}

/** How many pixels a span takes within the window. */
export function widthOf(
  view: ViewWindow,
  span: { readonly from: number; readonly to: number },
  width: number,
): number {
  const { x1, x2 } = clipped(view, span);
  return (((x2 - x1) * 1e6) / (view.to - view.from)) * (width - marginLeft - marginRight);
}
