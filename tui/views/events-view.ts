import type { EventLine, SourceMoment } from "../../core/observe/source.ts";
import { type Line, type Span, span, type Tone } from "../line.ts";
import type { Look } from "../look.ts";
import { fact, heading, longFact } from "../parts/facts.ts";
import { type Column, table } from "../parts/table.ts";
import type { Symbols } from "../symbols.ts";
import { view } from "../view.ts";
import { secondsText } from "../words.ts";

/** The story: what has happened, newest at the end. */
export const eventsView = view<EventLine>({
  name: "events",
  title: "Events",
  followsEnd: true,
  items: ({ events }) => events,
  id: ({ at, kind, text }) => `${at} ${kind} ${text}`,
  words: ({ kind, text }) => `${kind} ${text}`,
  draw: (scene) => table(columns, scene),
  details: eventDetails,
  nothing: () => "Nothing has happened yet.",
});

const columns: readonly Column<EventLine>[] = [
  { title: "TIME", width: 12, align: "right", text: ({ at }) => span(secondsText(at), "quiet") },
  { title: "KIND", width: 10, text: ({ kind }, { symbols }) => kindOf(kind, symbols) },
  { title: "WHAT HAPPENED", width: 0, text: ({ text, kind }) => span(text, textTone(kind)) },
];

function kindOf(kind: EventLine["kind"], symbols: Symbols): Span {
  const signs: Partial<Record<EventLine["kind"], string>> = {
    election: symbols.leader,
    fault: symbols.fault,
    heal: symbols.heal,
    verdict: symbols.ok,
  };
  return span(`${signs[kind] ?? symbols.event} ${kind}`, kindTone(kind));
}

function kindTone(kind: EventLine["kind"]): Tone {
  switch (kind) {
    case "election":
      return "accent";
    case "fault":
      return "bad";
    case "heal":
      return "good";
    case "node":
      return "warn";
    case "verdict":
      return "strong";
    default:
      return "busy";
  }
}

function textTone(kind: EventLine["kind"]): Tone {
  return kind === "fault" || kind === "verdict" ? "strong" : "plain";
}

/** With what else happened within a second of it. */
function eventDetails(
  event: EventLine,
  { events }: SourceMoment,
  look: Look,
  width: number,
): Line[] {
  const around = events.filter(({ at }) => Math.abs(at - event.at) <= 1_000_000);
  const lines = around.flatMap((each) => longFact(secondsText(each.at), each.text, width));
  return [
    fact("time", secondsText(event.at, 6)),
    fact("kind", kindOf(event.kind, look.symbols)),
    ...longFact("what", event.text, width, "strong"),
    ...heading("Within a second of it"),
    ...lines,
  ];
}
