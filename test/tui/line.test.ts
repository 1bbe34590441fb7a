import fc from "fast-check";
import { expect, test } from "vitest";
import { cell, ends, lineWidth, span, toWidth, wrapped } from "../../tui/line.ts";
import { lookOf } from "../../tui/look.ts";
import { painted } from "../../tui/paint.ts";
import { windowAround } from "../../tui/parts/window.ts";
import { bytes, percent } from "../../tui/words.ts";
import { withoutCodes } from "./support/screen-text.tsx";

const look = lookOf({ LANG: "C.UTF-8", TERM: "xterm-256color" }, false);

test("a cell is as wide as asked, whatever is in it", () => {
  expect(cell("web", 6)).toBe("web   ");
  expect(cell("7", 3, "right")).toBe("  7");
  expect(cell("a long name", 8)).toBe("a long..");
  expect(cell("日本語の名前", 7)).toBe("日本.. ");
  const anything = fc.string({ unit: "grapheme", maxLength: 30 });
  fc.assert(
    fc.property(anything, fc.integer({ min: 0, max: 20 }), (text, width) => {
      expect(lineWidth([span(cell(text, width))])).toBe(width);
      expect(lineWidth(toWidth([span(text), span(text, "bad")], width))).toBe(width);
    }),
  );
});

test("what a container says can't move the cursor or colour the screen", () => {
  const evil = "\u001b[2J\u001b[31mred\r\n\u0007\u202etxt";
  const shown = withoutCodes(painted([span(evil)], 40, look));
  expect(shown).not.toMatch(/[\p{Cc}\u202e]/u);
  expect(cell(evil, 40)).not.toMatch(/[\p{Cc}\u202e]/u);
});

test("the right end of a line stays when the left is too long", () => {
  const line = ends([span("a very long title")], [span("9/9 nodes")], 16);
  expect(line.map(({ text }) => text).join("")).toBe("a very 9/9 nodes");
});

test("long text is broken at its spaces, and within a word where that is too long", () => {
  const lines = wrapped("it can not be reached at 0123456789", 8);
  expect(lines.map(([first]) => first?.text)).toEqual([
    "it can",
    "not be",
    "reached",
    "at",
    "01234567",
    "89",
  ]);
});

test("the chosen row of a list is always among those that are drawn", () => {
  const size = fc.integer({ min: 1, max: 60 });
  fc.assert(
    fc.property(size, size, fc.nat(), (total, height, any) => {
      const at = any % total;
      const { first, count } = windowAround(at, total, height);
      expect(first).toBeGreaterThanOrEqual(0);
      expect(first + count).toBeLessThanOrEqual(total);
      expect(count).toBe(Math.min(total, height));
      expect(at >= first && at < first + count).toBe(true);
    }),
  );
});

test("what is not quite all is not rounded up to all", () => {
  expect(percent(1)).toBe("100.0 %");
  expect(percent(0.99999)).toBe("99.9 %");
  expect(bytes(268_435_456)).toBe("256M");
  expect(bytes(1_610_612_736)).toBe("1.5G");
});
