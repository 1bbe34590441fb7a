import { Box, Transform } from "ink";
import type { ReactElement } from "react";
import type { ClusterSource, Moment } from "../core/observe/source.ts";
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
  readonly moment: Moment;
  readonly ui: Ui;
  readonly size: Size;
  readonly look: Look;
}

/** The whole picture: a function of a moment and of what was chosen. */
export function Screen({ source, moment, ui, size, look }: ScreenProps): ReactElement {
  const layout = layoutOf(size, ui);
  const contents = viewNamed(ui.view).open(moment, ui.filters[ui.view] ?? "");
  const { width, main, side } = layout;
  const header = headerLines(source, moment, ui, contents, look, width);
  const footer = footerLines(source, moment, ui, look, width);
  return (
    <Box flexDirection="column" width={width} flexShrink={0}>
      <Lines lines={header} width={width} height={headerRows} look={look} />
      {ui.prompt?.kind === "help" ? (
        <Help kind={source.kind} ui={ui} layout={layout} look={look} />
      ) : (
        <Box flexDirection="row" flexShrink={0}>
          <Lines {...main} lines={mainLines(contents, ui, main, look)} look={look} />
          {side === null ? null : (
            <Lines {...side} lines={sideLines(contents, ui, side, look)} look={look} />
          )}
        </Box>
      )}
      <Lines lines={footer} width={width} height={footerRows} look={look} />
    </Box>
  );
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
  const [, , , , , thin = ""] = look.symbols.frame;
  const [, , , , , thick = ""] = look.symbols.bold;
  const edge = ui.isInSide ? span(` ${thick} `, "accent") : span(` ${thin} `, "quiet");
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

interface HelpProps {
  readonly kind: ClusterSource["kind"];
  readonly ui: Ui;
  readonly layout: Layout;
  readonly look: Look;
}

function Help({ kind, ui, layout, look }: HelpProps): ReactElement {
  const area = { width: layout.width, height: layout.main.height };
  const lines = helpLines(kind, area);
  return <Lines {...area} lines={lines.slice(scrolled(lines.length, ui, area))} look={look} />;
}

interface LinesProps extends Area {
  readonly lines: readonly Line[];
  readonly look: Look;
}

/**
 * Exactly so many lines, exactly so wide. Ink would measure each text letter by letter, for every
 * picture: it is given one space a line to measure, and the lines themselves only afterwards.
 */
function Lines({ lines, width, height, look }: LinesProps): ReactElement {
  const all = Array.from({ length: height }, (_, n) => painted(lines[n] ?? [], width, look));
  const blank = Array.from({ length: height }, () => " ").join("\n");
  return (
    <Box width={width} height={height} flexShrink={0}>
      <Transform transform={(_, n) => all[n] ?? ""}>{blank}</Transform>
    </Box>
  );
}
