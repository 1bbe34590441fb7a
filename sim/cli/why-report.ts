import type { Colors } from "picocolors/types.js";
import { counted } from "../../core/observe/numbers.ts";
import type { Point } from "../explain/why.ts";
import type { Recording } from "../record/recording.ts";
import type { Violation } from "../result.ts";
import { violationText } from "./report.ts";
import { secondsText } from "./words.ts";

export interface WhyReport {
  readonly file: string;
  readonly seed: string;
  readonly violation: Violation;
  readonly recording: Recording;
  /** Tried at each point. */
  readonly futures: number;
  /** Along the whole run. */
  readonly points: readonly Point[];
  /** These, and those where it was looked closer. */
  readonly all: readonly Point[];
  readonly turn: { readonly open: number; readonly certain: number };
  /** It was not looked everywhere: the turn lies somewhere in between, if it is known at all. */
  readonly isInterrupted: boolean;
}

const barMost = 40;
const eventsBefore = 5;

/** One line of JSON, with its line end. */
export function whyJson(report: WhyReport): string {
  const { file, seed, violation, futures, recording, turn, isInterrupted } = report;
  const all = [...report.all].sort((left, right) => left.event - right.event);
  const points = all.map(({ event, failed, futures: tried }) => ({
    ...{ event, at: timeOf(recording, event), failed, futures: tried },
    probability: failed / tried,
  }));
  const event = recording.record(turn.certain);
  const told = recording.told(turn.certain);
  const at = timeOf(recording, turn.certain);
  const inevitable = isInterrupted ? null : { event: turn.certain, at, record: event, told };
  return `${JSON.stringify({ file, seed, violation, futures, points, inevitable })}\n`;
}

/** A chart of how likely the failure was, and the event that decided it. */
export function whyText(report: WhyReport, colours: Colors): string {
  const { violation, points, futures, recording, turn, isInterrupted } = report;
  const lines = [
    violationText(violation),
    "",
    `how often it breaks in ${counted(futures, "other future")}, from each of these moments on:`,
    "",
    ...points.map((point) => chartLine(point, recording, colours)),
    chartLine({ event: recording.events + 1, failed: 1, futures: 1 }, recording, colours),
    "",
    ...(isInterrupted
      ? [between(report)]
      : [...decided(report), ...around(recording, turn.certain, colours)]),
  ];
  return `${lines.join("\n")}\n`;
}

function chartLine(
  { event, failed, futures }: Point,
  recording: Recording,
  colours: Colors,
): string {
  const share = failed / futures;
  const bar = "#".repeat(Math.round(share * barMost));
  const time = secondsText(timeOf(recording, event), 3).padStart(12);
  const percent = `${Math.round(share * 100)}%`.padStart(5);
  return `${time} ${percent}  ${share === 1 ? colours.red(bar) : bar}`.trimEnd();
}

/** What is known where it was not looked everywhere. */
function between({ recording, turn: { open, certain }, all }: WhyReport): string {
  if (all.length === 0) return "nothing is known yet of when it was decided";
  if (certain === 0) return "as far as it was looked, it was decided from the start";
  const [from, to] = [open, certain].map((event) => secondsText(timeOf(recording, event), 3));
  return `it was decided between ${from} and ${to}`;
}

function decided({ recording, turn, futures }: WhyReport): string[] {
  const { certain, open } = turn;
  const tried = futures === 1 ? "the one future" : `all ${futures} futures`;
  if (certain === 0) return [`it broke in ${tried} from the start: the scenario is enough`];
  if (certain > recording.events) {
    return ["nothing was decided before the event that broke it; the last ones were:"];
  }
  const when = secondsText(timeOf(recording, certain), 6);
  const before = open === 0 ? "" : `; before it, in one future at least it did not`;
  return [`after event ${certain}, at ${when}, it broke in ${tried}${before}:`];
}

/** The event that decided it, marked, and those that led to it. */
function around(recording: Recording, event: number, colours: Colors): string[] {
  const last = Math.min(event, recording.events);
  if (event === 0) return [];
  const first = Math.max(1, last - eventsBefore);
  return Array.from({ length: last - first + 1 }, (_, at) => first + at).map((number) => {
    const text = recording.line(number) ?? "";
    return number === event ? colours.bold(`  > ${text}`) : `    ${text}`;
  });
}

/** In seconds; what comes after the last event is when the invariant broke. */
function timeOf(recording: Recording, event: number): number {
  const [violation] = recording.result.violations;
  if (event > recording.events) return violation?.at ?? 0;
  return recording.timeOf(event) / 1e6;
}
