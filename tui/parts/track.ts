import type { EventLine } from "../../core/observe/source.ts";
import { type Line, span, type Tone } from "../line.ts";
import type { Symbols } from "../symbols.ts";

interface Track {
  /** Microseconds at its two ends, and now. */
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly width: number;
  readonly symbols: Symbols;
}

interface Mark {
  readonly sign: string;
  readonly tone: Tone;
}

/** Time from left to right, with a mark where something happened; a fault hides other marks. */
export function trackOf(events: readonly EventLine[], track: Track): Line {
  const { width, at, symbols } = track;
  if (width < 2) return [];
  const marks = new Map<number, Mark>();
  for (const event of events) {
    const mark = markOf(event, symbols);
    const where = columnOf(event.at, track);
    const other = marks.get(where);
    if (mark !== null && (other === undefined || rank(mark) >= rank(other))) marks.set(where, mark);
  }
  const head = columnOf(at, track);
  return Array.from({ length: width }, (_, column) => {
    if (column === head) return span(symbols.head, "strong");
    const mark = marks.get(column);
    if (mark !== undefined) return span(mark.sign, mark.tone);
    return column < head ? span(symbols.track, "busy") : span(symbols.ahead, "quiet");
  });
}

function columnOf(at: number, { from, to, width }: Track): number {
  const share = (at - from) / Math.max(1, to - from);
  return Math.min(width - 1, Math.max(0, Math.round(share * (width - 1))));
}

function markOf({ kind }: EventLine, symbols: Symbols): Mark | null {
  switch (kind) {
    case "election":
      return { sign: symbols.leader, tone: "accent" };
    case "fault":
      return { sign: symbols.fault, tone: "bad" };
    case "heal":
      return { sign: symbols.heal, tone: "good" };
    default:
      return null;
  }
}

function rank({ tone }: Mark): number {
  return ["good", "accent", "bad"].indexOf(tone);
}
