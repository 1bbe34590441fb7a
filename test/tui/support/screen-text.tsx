import { Text } from "ink";
import { render } from "ink-testing-library";
import type { ReactElement } from "react";
import type { ClusterSource, SourceMoment } from "../../../core/observe/source.ts";
import type { Size } from "../../../tui/layout.ts";
import { type Look, lookOf } from "../../../tui/look.ts";
import { Screen } from "../../../tui/screen.tsx";
import { atFirst, type Ui } from "../../../tui/ui.ts";

export const small: Size = { columns: 80, rows: 24 };
export const large: Size = { columns: 160, rows: 50 };

/** Symbols, and no colour: what is left is text. */
export const plainLook: Look = lookOf({ LANG: "C.UTF-8", NO_COLOR: "1" }, false);

interface Shown {
  readonly size?: Size;
  readonly ui?: Partial<Ui>;
  readonly look?: Look;
  readonly kind?: ClusterSource["kind"];
  readonly title?: string;
}

/** The picture with its SGR codes, as a terminal of that size is given it. */
export function screenOf(moment: SourceMoment, shown: Shown = {}): string {
  const { size = small, ui = {}, look = plainLook, kind = "simulation" } = shown;
  const { title = "partition, seed 1" } = shown;
  const source = { kind, title };
  return textOf(
    <Screen source={source} moment={moment} ui={{ ...atFirst, ...ui }} size={size} look={look} />,
    size,
  );
}

/** The same without the codes, line by line. */
export function linesOf(moment: SourceMoment, shown: Shown = {}): string[] {
  return withoutCodes(screenOf(moment, shown)).split("\n");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: codes begin with one
const codes = /\u001b\[[0-9;]*m/g;

export function withoutCodes(text: string): string {
  return text.replace(codes, "");
}

function textOf(tree: ReactElement, { columns }: Size): string {
  const { lastFrame, rerender, stdout, unmount } = render(<Text> </Text>);
  Object.defineProperty(stdout, "columns", { value: columns });
  rerender(tree);
  const text = lastFrame() ?? "";
  unmount();
  return text;
}
