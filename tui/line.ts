import stringWidth from "string-width";

/** What a piece of text means; how that looks is the business of `paint.ts`. */
export type Tone =
  | "plain"
  | "strong"
  | "quiet"
  | "good"
  | "busy"
  | "warn"
  | "bad"
  | "accent"
  | "chosen";

export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

/** One line of the screen, from left to right. */
export type Line = readonly Span[];

export function span(text: string, tone: Tone = "plain"): Span {
  return { text, tone };
}

/** What would move the cursor, hide text or turn it round, for texts come from containers too. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;
const isPlainAscii = /^[ -~]*$/;
/** As much as one can tell at a glance: letters of the West, and all that this view draws with. */
const isNarrow =
  /^[ -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u21ff\u2298\u2500-\u25fc★✔✖]*$/;

/** The same text with a space for whatever is not to be printed. */
function clean(text: string): string {
  return isPlainAscii.test(text) ? text : text.replace(unprintable, " ");
}

/** In columns of the terminal. */
export function widthOf(text: string): number {
  return isNarrow.test(text) ? text.length : stringWidth(text);
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + widthOf(text), 0);
}

/** The longest beginning of the text that is no wider. */
function cut(text: string, width: number): string {
  if (isNarrow.test(text)) return text.slice(0, Math.max(0, width));
  let taken = "";
  let left = width;
  for (const letter of text) {
    left -= stringWidth(letter);
    if (left < 0) break;
    taken += letter;
  }
  return taken;
}

/** Exactly so wide: cut with `..` at its end where it is too long, else filled with spaces. */
export function cell(text: string, width: number, align: "left" | "right" = "left"): string {
  const printable = shortened(text, width);
  const space = " ".repeat(Math.max(0, width - widthOf(printable)));
  return align === "left" ? printable + space : space + printable;
}

/** No wider: cut with `..` at its end where it is. */
export function shortened(text: string, width: number): string {
  const printable = clean(text);
  if (widthOf(printable) <= width) return printable;
  const end = width < 4 ? "" : "..";
  return cut(printable, width - end.length) + end;
}

/** The line exactly so wide. */
export function toWidth(line: Line, width: number): Line {
  const fitted: Span[] = [];
  let left = width;
  for (const { text, tone } of line) {
    const printable = clean(text);
    const wide = widthOf(printable);
    if (wide > left) {
      const kept = cut(printable, left);
      fitted.push(span(kept, tone));
      left -= widthOf(kept);
      break;
    }
    fitted.push(span(printable, tone));
    left -= wide;
  }
  if (left > 0) fitted.push(span(" ".repeat(left)));
  return fitted;
}

/** One line with the first at its left end and the other at its right; the left one gives way. */
export function ends(left: Line, right: Line, width: number): Line {
  const room = width - lineWidth(right);
  if (room < 0) return toWidth(right, width);
  return [...toWidth(left, room), ...right];
}

/** Marked as what is selected. */
export function chosen(line: Line): Line {
  return line.map(({ text }) => span(text, "chosen"));
}

/** The text broken into lines at its spaces. */
export function wrapped(text: string, width: number, tone: Tone = "plain"): Line[] {
  const lines: string[] = [];
  let line = "";
  for (let word of clean(text).split(" ")) {
    if (line !== "" && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = "";
    }
    while (widthOf(word) > width) {
      const part = cut(word, width);
      if (part === "") return [];
      lines.push(part);
      word = word.slice(part.length);
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => [span(each, tone)]);
}
