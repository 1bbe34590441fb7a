import { grouped } from "../../core/observe/numbers.ts";
import type {
  ClusterSource,
  PlaybackFrame,
  SourceMoment,
  UnderWay,
} from "../../core/observe/source.ts";
import { groupsFor } from "../keys/press.ts";
import { promptWords } from "../keys/prompt-keys.ts";
import { ends, type Line, lineWidth, type Span, span } from "../line.ts";
import type { Look } from "../look.ts";
import type { Symbols } from "../symbols.ts";
import type { Ui } from "../ui.ts";
import { secondsText, speedWord } from "../words.ts";
import { trackOf } from "./track.ts";

/** Where in time this is; below it a question, what came of a command, or some keys. */
export function footerLines(
  { kind }: Pick<ClusterSource, "kind">,
  moment: SourceMoment,
  ui: Ui,
  look: Look,
  width: number,
): Line[] {
  return [timeLine(moment, look, width), lastLine(kind, moment, ui, width)];
}

function timeLine(moment: SourceMoment, look: Look, width: number): Line {
  const { frame, playback, connection } = moment;
  const event = span(`  event ${grouped(frame.event)} `, "quiet");
  if (playback === null) return connectionLine(connection, frame.at, frame.event, look);
  const { speed, known, marks } = playback;
  const { sign, word, tone } = stateOf(playback, frame.at, look.symbols);
  const state = span(` ${sign} ${word} ${speedWord(speed)} `, tone);
  const left: Line = [state, span(` ${secondsText(frame.at)}`, "strong"), event];
  const right = span(` ${secondsText(Math.max(known, frame.at), 1)} `, "quiet");
  const room = width - lineWidth(left) - lineWidth([right]) - 1;
  const track = trackOf(marks, {
    ...{ from: 0, to: Math.max(known, frame.at), at: frame.at, width: room },
    symbols: look.symbols,
  });
  return ends([...left, span(" "), ...track], [right], width);
}

function stateOf({ playing, known, isOver }: PlaybackFrame, at: number, symbols: Symbols) {
  const { play, playBack, stop } = symbols;
  if (playing === "back") return { sign: playBack, word: "playing back", tone: "good" } as const;
  if (isOver && at >= known) return { sign: stop, word: "over", tone: "warn" } as const;
  if (playing === null) return { sign: stop, word: "paused", tone: "warn" } as const;
  return { sign: play, word: "playing", tone: "good" } as const;
}

function connectionLine(
  connection: SourceMoment["connection"],
  at: number,
  number: number,
  { symbols }: Look,
): Line {
  const watched = span(`  watched for ${secondsText(at, 1)}, picture ${grouped(number)}`, "quiet");
  if (connection === null) return [watched];
  const isLost = connection.state === "lost";
  const state: Span = isLost
    ? span(` ${symbols.broken} lost ${connection.to}`, "bad")
    : span(` ${symbols.up} connected to ${connection.to}`, "good");
  return [state, watched];
}

function lastLine(kind: ClusterSource["kind"], moment: SourceMoment, ui: Ui, width: number): Line {
  if (ui.message !== null) return [span(" "), span(ui.message.text, ui.message.tone)];
  if (ui.prompt !== null) return [span(" "), span(promptWords(ui.prompt, moment), "strong")];
  const underWay = moment.playback?.underWay ?? null;
  if (underWay !== null) return underWayLine(underWay);
  return hints(kind, width);
}

function underWayLine({ what, at }: UnderWay): Line {
  return [
    span(` Playing ${what}: `, "busy"),
    span(secondsText(at, 1), "strong"),
    span(" so far. ", "busy"),
    span("esc", "strong"),
    span(" stops. ", "quiet"),
  ];
}

const hinted = new Set([" ", ".", "<", "x", "c", "d", "S", "enter", "/"]);

/** As many keys as fit; the help has them all. */
function hints(kind: ClusterSource["kind"], width: number): Line {
  const end: Line = [
    span("?", "strong"),
    span(" help  ", "quiet"),
    span("q", "strong"),
    span(" quit ", "quiet"),
  ];
  const [moves, ...acts] = groupsFor(kind);
  const all = [...acts, moves].flatMap((group) => group?.bindings ?? []);
  const line: Span[] = [span(" ")];
  for (const { keys, shown, what } of all) {
    if (!keys.some((key) => hinted.has(key))) continue;
    const hint = [span(shown, "strong"), span(` ${what}  `, "quiet")];
    if (lineWidth(line) + lineWidth(hint) + lineWidth(end) > width) continue;
    line.push(...hint);
  }
  return ends(line, end, width);
}
