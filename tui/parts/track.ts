import { unreachable } from "../../core/base/assert.ts";
import type { TimeMark } from "../../core/observe/source.ts";
import { type Line, type Span, span } from "../line.ts";
import type { Symbols } from "../symbols.ts";

interface Track {
  /** Microseconds at its two ends, and now. */
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly width: number;
  readonly symbols: Symbols;
}

/** Time from left to right, with a sign where something happened; of several the worst. */
export function trackOf(marks: readonly TimeMark[], track: Track): Line {
  const { width, at, symbols } = track;
  if (width < 2) return [];
  const kinds = new Map<number, TimeMark["kind"]>();
  for (const mark of marks) {
    const where = columnOf(mark.at, track);
    const other = kinds.get(where);
    if (other === undefined || rank(mark.kind) > rank(other)) kinds.set(where, mark.kind);
  }
  const head = columnOf(at, track);
  return Array.from({ length: width }, (_, column) => {
    if (column === head) return span(symbols.head, "strong");
    const kind = kinds.get(column);
    if (kind !== undefined) return signOf(kind, symbols);
    return column < head ? span(symbols.track, "busy") : span(symbols.ahead, "quiet");
  });
}

function columnOf(at: number, { from, to, width }: Track): number {
  const share = (at - from) / Math.max(1, to - from);
  return Math.min(width - 1, Math.max(0, Math.round(share * (width - 1))));
}

function signOf(kind: TimeMark["kind"], symbols: Symbols): Span {
  switch (kind) {
    case "election":
      return span(symbols.leader, "accent");
    case "fault":
      return span(symbols.fault, "bad");
    case "heal":
      return span(symbols.heal, "good");
    case "violation":
      return span(symbols.violation, "chosen");
    default:
      return unreachable(kind);
  }
}

const ranks: readonly TimeMark["kind"][] = ["heal", "election", "fault", "violation"];

function rank(kind: TimeMark["kind"]): number {
  return ranks.indexOf(kind);
}
