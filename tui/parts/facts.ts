import { cell, type Line, type Span, span, type Tone, wrapped } from "../line.ts";

const nameWidth = 13;

/** `name  value`, for the details of a thing. */
export function fact(name: string, value: string | Span): Line {
  const shown = typeof value === "string" ? span(value) : value;
  return [span(cell(name, nameWidth), "quiet"), shown];
}

/** As `fact`, the value going on below itself where it is long; nothing for an empty one. */
export function longFact(name: string, value: string, width: number, tone?: Tone): Line[] {
  if (value === "") return [];
  return wrapped(value, Math.max(8, width - nameWidth), tone).map((line, n) => [
    span(cell(n === 0 ? name : "", nameWidth), "quiet"),
    ...line,
  ]);
}

export function heading(text: string): Line[] {
  return [[], [span(text, "strong")]];
}
