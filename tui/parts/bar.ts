import { type Span, span, type Tone } from "../line.ts";
import type { Symbols } from "../symbols.ts";

/** A bar so wide, filled by `part` of `whole`; a little of something always shows. */
export function bar(
  part: number,
  whole: number,
  width: number,
  { full, empty }: Symbols,
  tone: Tone,
): readonly Span[] {
  const share = whole <= 0 ? 0 : Math.min(1, Math.max(0, part / whole));
  const room = Math.max(0, width);
  const filled = part > 0 ? Math.min(room, Math.max(1, Math.floor(share * room))) : 0;
  return [span(full.repeat(filled), tone), span(empty.repeat(room - filled), "quiet")];
}

/** Of a load: the fuller, the more it warns. */
export function loadTone(part: number, whole: number): Tone {
  if (part > whole) return "bad";
  return part > whole * 0.8 ? "warn" : "busy";
}
