import { useStdout } from "ink";
import { useLayoutEffect } from "react";
import type { ClusterSource, SourceMoment } from "../core/observe/source.ts";
import { footerRows, headerRows, type Layout, layoutOf, type Size } from "./layout.ts";
import { type Line, span, toWidth } from "./line.ts";
import type { Look } from "./look.ts";
import { painted } from "./paint.ts";
import { footerLines } from "./parts/footer.ts";
import { headerLines } from "./parts/header.ts";
import { helpLines } from "./parts/help.ts";
import type { Ui } from "./ui.ts";
import type { Area, Contents } from "./view.ts";
import { viewNamed } from "./views.ts";

interface ScreenProps {
  readonly source: Pick<ClusterSource, "kind" | "title">;
  readonly moment: SourceMoment;
  readonly ui: Ui;
  readonly size: Size;
  readonly look: Look;
}

/**
 * Shows the whole picture. What Ink lays out by itself it keeps letter by letter, in case boxes
 * overlap: 15 ms of processor time for a large terminal. Here are whole lines, which nothing
 * overlaps: they go to Ink's output as they are.
 */
export function Screen(props: ScreenProps): null {
  const { stdout } = useStdout();
  const picture = pictureOf(props);
  useLayoutEffect(() => {
    stdout.write(picture);
  });
  return null;
}

/** A function of a moment and of what was chosen: as many lines as the terminal has, as wide. */
function pictureOf({ source, moment, ui, size, look }: ScreenProps): string {
  const layout = layoutOf(size, ui);
  const { width, main } = layout;
  const contents = viewNamed(ui.view).open(moment, ui.filters[ui.view] ?? "");
  const body =
    ui.prompt?.kind === "help"
      ? shownHelp(source.kind, ui, layout)
      : bodyLines(contents, ui, layout, look);
  return [
    ...toHeight(headerLines(source, moment, ui, contents, look, width), headerRows),
    ...toHeight(body, main.height),
    ...toHeight(footerLines(source, moment, ui, look, width), footerRows),
  ]
    .slice(0, size.rows)
    .map((line) => painted(line, Math.min(width, size.columns), look))
    .join("\n");
}

/** Exactly this many lines. */
function toHeight(lines: readonly Line[], height: number): Line[] {
  return Array.from({ length: height }, (_, n) => lines[n] ?? []);
}

/** The view, and details beside it where they are open. */
function bodyLines(
  contents: Contents,
  ui: Ui,
  { main, side }: Layout,
  look: Look,
): readonly Line[] {
  const lines = mainLines(contents, ui, main, look);
  if (side === null) return lines;
  return sideLines(contents, ui, side, look).map((beside, n) => [
    ...toWidth(lines[n] ?? [], main.width),
    ...beside,
  ]);
}

function mainLines(contents: Contents, ui: Ui, area: Area, look: Look): readonly Line[] {
  if (contents.count === 0) return [[], [span(`  ${contents.nothing}`, "quiet")]];
  return contents.draw(area, contents.locate(ui.choices[ui.view] ?? null), look);
}

/** Details behind a line that is bold while they have the keys. */
function sideLines(contents: Contents, ui: Ui, area: Area, look: Look): Line[] {
  const at = contents.locate(ui.choices[ui.view] ?? null);
  const width = area.width - 3;
  const lines = contents.details(at, look, width);
  const first = scrolled(lines.length, ui, area);
  const { frame, bold } = look.symbols;
  const edge = ui.isInSide ? span(` ${bold.side} `, "accent") : span(` ${frame.side} `, "quiet");
  const below = lines.length - first - area.height;
  return Array.from({ length: area.height }, (_, n) => {
    const isCut = below > 0 && n === area.height - 1;
    const more: Line = [span(`${below + 1} more lines: tab, then j`, "quiet")];
    return [edge, ...toWidth(isCut ? more : (lines[first + n] ?? []), width)];
  });
}

/** The first line that is shown; no further than the end. */
function scrolled(lines: number, { scroll }: Ui, { height }: Area): number {
  return Math.min(scroll, Math.max(0, lines - height));
}

function shownHelp(kind: ClusterSource["kind"], ui: Ui, { width, main }: Layout): Line[] {
  const area = { width, height: main.height };
  const lines = helpLines(kind, area);
  return lines.slice(scrolled(lines.length, ui, area));
}
