import { type Line, type Span, span, type Tone, toWidth, widthOf } from "./line.ts";
import type { Look } from "./look.ts";

/** What a terminal is told before and after a piece of text (ECMA-48, SGR). */
type Codes = readonly [before: string, after: string];

const noCodes: Codes = ["", ""];

/**
 * After the palette of Okabe and Ito, which people with any kind of colour blindness can tell
 * apart: bluish green, sky blue, orange, vermilion, reddish purple; grey for what matters least.
 */
const many: Readonly<Record<Tone, Codes>> = {
  plain: noCodes,
  strong: ["1", "22"],
  quiet: ["38;5;245", "39"],
  good: ["38;5;36", "39"],
  busy: ["38;5;74", "39"],
  warn: ["38;5;214", "39"],
  bad: ["38;5;202", "39"],
  accent: ["38;5;175", "39"],
  chosen: ["7", "27"],
};

const few: Readonly<Record<Tone, Codes>> = {
  ...many,
  quiet: ["2", "22"],
  good: ["36", "39"],
  busy: ["34", "39"],
  warn: ["33", "39"],
  bad: ["31", "39"],
  accent: ["35", "39"],
};

/** Bold and reversed text is no colour. */
const none: Readonly<Record<Tone, Codes>> = {
  ...{ plain: noCodes, quiet: noCodes, good: noCodes, busy: noCodes, warn: noCodes },
  ...{ accent: noCodes, bad: many.strong, strong: many.strong, chosen: many.chosen },
};

const palettes = { none, few, many };

/** The line as a terminal takes it, exactly so wide. */
export function painted(line: Line, width: number, { colours, symbols }: Look): string {
  const palette = palettes[colours];
  return merged(toWidth(line, width))
    .map(({ text, tone }) => {
      const [before, after] = palette[tone];
      const shown = symbols.isUnicode ? text : asciiOf(text);
      return before === "" ? shown : `\u001b[${before}m${shown}\u001b[${after}m`;
    })
    .join("");
}

/** Neighbours of one tone as one. */
function merged(line: Line): Line {
  const spans: Span[] = [];
  for (const each of line) {
    const last = spans.at(-1);
    if (last?.tone === each.tone) spans[spans.length - 1] = span(last.text + each.text, each.tone);
    else spans.push(each);
  }
  return spans;
}

function asciiOf(text: string): string {
  return text.replace(/[^ -~]/gu, (letter) => "?".repeat(widthOf(letter)));
}
