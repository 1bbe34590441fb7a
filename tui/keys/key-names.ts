import type { Key } from "ink";

const named: readonly (readonly [keyof Key, string])[] = [
  ["upArrow", "up"],
  ["downArrow", "down"],
  ["leftArrow", "left"],
  ["rightArrow", "right"],
  ["pageUp", "page-up"],
  ["pageDown", "page-down"],
  ["home", "home"],
  ["end", "end"],
  ["return", "enter"],
  ["escape", "escape"],
  ["backspace", "backspace"],
  ["delete", "backspace"],
];

/** The keys of one piece of input: several letters where they came at once. */
export function keyNames(input: string, key: Key): readonly string[] {
  if (key.tab) return [key.shift ? "shift-tab" : "tab"];
  const name = named.find(([field]) => key[field] === true)?.[1];
  if (name !== undefined) return [name];
  if (key.ctrl) return [`ctrl-${input}`];
  return key.meta ? [] : [...input].map((letter) => (letter === "\r" ? "enter" : letter));
}
