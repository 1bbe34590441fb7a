import { createColors } from "picocolors";
import type { Drawn } from "../chance/choices.ts";
import {
  eventsAlong,
  eventsBetween,
  type Past,
  type Point,
  pastOf,
  turningPoint,
} from "../explain/why.ts";
import { plantedOf } from "../planted.ts";
import type { Violation } from "../result.ts";
import { failureOf } from "../shrink/failure.ts";
import { WrongInput } from "./exit-codes.ts";
import { endCode, errorIsTerminal, outputIsTerminal, print, wantsColour } from "./output.ts";
import { Progress } from "./progress.ts";
import { type Jobs, runOnEveryCore } from "./runner.ts";
import { optionsOf, type Subject, type SubjectFlags, subjectOf } from "./subject.ts";
import { wholeNumber } from "./whole-number.ts";
import { type WhyReport, whyJson, whyText } from "./why-report.ts";
import type { Future, WhyWorkerData } from "./why-worker.ts";

export interface WhyFlags extends SubjectFlags {
  readonly points?: string;
  readonly futures?: string;
  readonly json?: boolean;
}

const pointsDefault = 20;
const futuresDefault = 12;
/** So many events at once when it is looked closer. */
const closerPoints = 8;

/**
 * `sim why`: from points along a run that failed, lets chance choose the future anew, and says how
 * likely the failure was by then, and after which event nothing could prevent it.
 * @throws WrongInput
 */
export async function whyCommand(file: string, flags: WhyFlags): Promise<number> {
  const { points, futures, json = false, ...which } = flags;
  const counts = {
    points: points === undefined ? pointsDefault : wholeNumber("--points", points, 1_000),
    futures: futures === undefined ? futuresDefault : wholeNumber("--futures", futures, 10_000),
  };
  const subject = await subjectOf(file, which);
  const past = pastOf(subject.plan, subject.seed, optionsOf(subject), plantedOf(subject.bug));
  const [violation] = past.recording.result.violations;
  if (violation === undefined) {
    const what = subject.kept === null ? `seed ${subject.seed} of ${file}` : file;
    throw new WrongInput(`${what} passes: there is nothing to explain`);
  }
  const search = new Search(subject, past, violation, counts.futures);
  const first = await search.tryAt(eventsAlong(past, counts.points));
  await search.narrow();
  const report: WhyReport = {
    ...{ file, seed: subject.seed, violation, recording: past.recording },
    ...{ futures: counts.futures, points: first, turn: search.turn, all: search.points },
  };
  const colours = createColors(wantsColour(process.env, outputIsTerminal()));
  print(json ? whyJson(report) : whyText(report, colours));
  return endCode(search.isInterrupted, false);
}

/** Branches at one event after the other, each many times over. */
class Search {
  /** The event that broke the invariant: from there on it is broken. */
  readonly last: number;
  isInterrupted = false;
  readonly points: Point[] = [];
  readonly #past: Past;
  readonly #data: WhyWorkerData;
  readonly #futures: number;

  constructor(subject: Subject, past: Past, violation: Violation, futures: number) {
    const { plan, seed, limits: options, bug } = subject;
    const { choices, recording } = past;
    this.last = recording.events + 1;
    this.#past = past;
    this.#futures = futures;
    const failure = failureOf(violation);
    this.#data = { plan, seed, options, bug, choices, failure };
  }

  get turn(): { readonly open: number; readonly certain: number } {
    const broken = { event: this.last, failed: this.#futures, futures: this.#futures };
    return turningPoint([...this.points, broken]);
  }

  /** Looks ever closer between the last event that left a way out and the next that left none. */
  async narrow(): Promise<void> {
    for (;;) {
      const { open, certain } = this.turn;
      const events = eventsBetween(open, certain, closerPoints);
      if (events.length === 0 || this.isInterrupted) return;
      await this.tryAt(events);
    }
  }

  async tryAt(events: readonly number[]): Promise<Point[]> {
    const failed = events.map(() => 0);
    const made = events.map(() => 0);
    const progress = new Progress(events.length * this.#futures, errorIsTerminal(), "futures");
    this.isInterrupted = await runOnEveryCore(this.#jobs(events), (isBroken, index) => {
      const at = Math.floor(index / this.#futures);
      made[at] = (made[at] ?? 0) + 1;
      if (isBroken) failed[at] = (failed[at] ?? 0) + 1;
      progress.add(isBroken);
    });
    progress.clear();
    const points = events.map((event, at) => ({
      event,
      failed: failed[at] ?? 0,
      futures: made[at] ?? 0,
    }));
    const known = points.filter(({ futures }) => futures > 0);
    this.points.push(...known);
    return known;
  }

  #jobs(events: readonly number[]): Jobs<Future, boolean> {
    const { drawnAfter } = this.#past;
    return {
      module: new URL("./why-worker.js", import.meta.url),
      workerData: this.#data,
      count: events.length * this.#futures,
      at: (index) => {
        const event = events[Math.floor(index / this.#futures)] ?? 0;
        return { kept: drawnAfter[event] as Drawn, future: index % this.#futures };
      },
      lost: () => false,
    };
  }
}
