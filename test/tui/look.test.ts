import { expect, test } from "vitest";
import partition from "../../scenarios/partition.ts";
import { type Look, lookOf } from "../../tui/look.ts";
import { ascii, unicode } from "../../tui/symbols.ts";
import { views } from "../../tui/views.ts";
import { recordedRun } from "./support/recorded-source.ts";
import { large, screenOf, withoutCodes } from "./support/screen-text.tsx";

const moment = recordedRun(partition).momentAt(90_000_000);

/** All views on a large terminal. */
function everything(look: Look): string {
  return views
    .map(({ name }) => screenOf(moment, { size: large, look, ui: { view: name } }))
    .join("\n");
}

function trimmed(text: string): string[] {
  return withoutCodes(text)
    .split("\n")
    .map((line) => line.trimEnd());
}

test("symbols are used where the locale has UTF-8, and only there", () => {
  expect(lookOf({ LANG: "de_DE.UTF-8" }, false).symbols).toBe(unicode);
  expect(lookOf({ LANG: "C" }, false).symbols).toBe(ascii);
  expect(lookOf({}, false).symbols).toBe(ascii);
  expect(lookOf({ LC_ALL: "C", LANG: "de_DE.UTF-8" }, false).symbols).toBe(ascii);
  expect(lookOf({ LC_CTYPE: "C.utf8", LANG: "C" }, false).symbols).toBe(unicode);
  expect(lookOf({ LANG: "C.UTF-8", TERM: "linux" }, false).symbols).toBe(ascii);
  expect(lookOf({ LANG: "C.UTF-8" }, true).symbols).toBe(ascii);
});

test("colours are as many as the terminal has, and none with NO_COLOR", () => {
  expect(lookOf({ TERM: "xterm-256color" }, false).colours).toBe("many");
  expect(lookOf({ TERM: "xterm", COLORTERM: "truecolor" }, false).colours).toBe("many");
  expect(lookOf({ TERM: "xterm" }, false).colours).toBe("few");
  expect(lookOf({ TERM: "xterm-256color", NO_COLOR: "1" }, false).colours).toBe("none");
  expect(lookOf({ TERM: "xterm-256color", NO_COLOR: "" }, false).colours).toBe("many");
});

test("without Unicode all of it is printable ASCII", () => {
  const text = everything(lookOf({ LANG: "C", NO_COLOR: "1" }, false));
  expect(withoutCodes(text)).toMatch(/^[ -~\n]*$/);
  expect(text).toContain("L m1");
});

test("without colour no code sets one, and nothing is lost", () => {
  const coloured = everything(lookOf({ LANG: "C.UTF-8", TERM: "xterm-256color" }, false));
  const plain = everything(lookOf({ LANG: "C.UTF-8", NO_COLOR: "1" }, false));
  expect(coloured).toContain("\u001b[38;5;");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: codes begin with one
  expect(plain.match(/\u001b\[[0-9;]*m/g)?.filter((code) => !/\[(1|7|22|27)m$/.test(code))).toEqual(
    [],
  );
  expect(trimmed(plain)).toEqual(trimmed(coloured));
});

test("each state of a machine and of a task has a shape of its own", () => {
  for (const symbols of [unicode, ascii]) {
    const { up, paused, down, refused, unknown, leader, candidate, follower, worker } = symbols;
    for (const shapes of [
      [up, paused, down, refused, unknown],
      [leader, candidate, follower, worker],
      [symbols.full, symbols.half, symbols.empty],
    ]) {
      expect(new Set(shapes).size).toBe(shapes.length);
    }
  }
});
