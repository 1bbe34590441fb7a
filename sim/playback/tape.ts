import type { Planted } from "../../core/base/planted.ts";
import type { ClusterFrame } from "../../core/observe/frame.ts";
import type { AvailabilityFrame, EventLine, ViolationFrame } from "../../core/observe/source.ts";
import { Recorder } from "../recorder.ts";
import type { RunOptions } from "../result.ts";
import { Run, type TimelessResult } from "../run.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { upTo } from "../versions.ts";
import { together } from "../watch.ts";
import { Tallies } from "./tallies.ts";

/** So many of the newest lines of the story are shown. */
const linesShown = 1_000;

/** A place in a run: after so many events, at a time no earlier than the last of them. */
export interface Place {
  readonly event: number;
  /** Microseconds since the start. */
  readonly at: number;
}

/** A run as far as it has been played, which can be seen as it was at any time so far. */
export class Tape {
  readonly #run: Run;
  readonly #recorder: Recorder;
  readonly #tallies: Tallies;
  readonly #lines: EventLine[] = [];
  /** The event during which each line was told. */
  readonly #toldIn: number[] = [];
  /** Up to here time has been played, with or without an event. */
  #playedTo = 0;

  constructor(plan: ScenarioPlan, seed: string, options: RunOptions, planted: Planted) {
    const found: { recorder?: Recorder; tallies?: Tallies } = {};
    const watch = together([
      (world) => {
        found.recorder = new Recorder(world);
        return found.recorder;
      },
      (world) => {
        found.tallies = new Tallies(world);
        return found.tallies;
      },
    ]);
    const story = ({ at, kind, text }: { at: number } & Omit<EventLine, "at">) =>
      this.#tell({ at: Math.round(at * 1e6), kind, text });
    this.#run = new Run(plan, seed, { ...options, observer: { watch, story } }, planted);
    this.#recorder = found.recorder as Recorder;
    this.#tallies = found.tallies as Tallies;
    this.#run.advance(0, 0);
  }

  /** Plays on to this moment, but no more than so many events. True when it got there. */
  play(until: number, most: number): boolean {
    const before = this.#recorder.count;
    if (this.result !== null) return true;
    this.#run.advance(until, most);
    if (this.result !== null) this.#conclude(this.result);
    else if (this.#recorder.count - before < most) this.#playedTo = Math.max(this.#playedTo, until);
    return this.result !== null || this.#playedTo >= until;
  }

  /** What the run came to; null while it is not over. */
  get result(): TimelessResult | null {
    return this.#run.result;
  }

  /** How many events are known so far. */
  get count(): number {
    return this.#recorder.count;
  }

  /** The last place that is known so far. */
  get end(): Place {
    const last = this.#timeOf(this.count);
    return { event: this.count, at: Math.max(last, this.#playedTo) };
  }

  /** Just after the event of this number; 0: before the first. */
  placeAfter(event: number): Place {
    return { event, at: this.#timeOf(event) };
  }

  /** The place at this moment, which must have been played. */
  placeAt(at: number): Place {
    return { event: this.#recorder.eventsUntil(at), at };
  }

  frame({ event, at }: Place): ClusterFrame {
    return this.#recorder.frameAt(event, at);
  }

  availability({ event, at }: Place): Record<string, AvailabilityFrame> {
    return this.#tallies.at(event, at);
  }

  /** What has been told up to a place, oldest first; the oldest may be left out. */
  lines({ event }: Place): EventLine[] {
    const told = upTo(this.#toldIn, event);
    return this.#lines.slice(Math.max(0, told - linesShown), told);
  }

  /** What is broken at this place. */
  violations({ event, at }: Place): ViolationFrame[] {
    const found = this.result?.violations ?? [];
    const isEnd = event === this.count && at >= this.end.at;
    if (!isEnd) return [];
    return found.map((each) => ({ ...each, at: Math.round(each.at * 1e6) }));
  }

  /** The event of the nearest line of this kind after, or before, an event; null: none so far. */
  nearest(kind: EventLine["kind"], event: number, direction: "forward" | "back"): number | null {
    const isBack = direction === "back";
    let at = isBack ? upTo(this.#toldIn, event - 1) - 1 : upTo(this.#toldIn, event);
    for (; at >= 0 && at < this.#lines.length; at += isBack ? -1 : 1) {
      if (this.#lines[at]?.kind === kind) return this.#toldIn[at] as number;
    }
    return null;
  }

  #timeOf(event: number): number {
    return this.#recorder.event(event)?.time ?? 0;
  }

  /** A line belongs to the event that is being handled. */
  #tell(line: EventLine): void {
    const { count } = this.#recorder;
    this.#lines.push(line);
    this.#toldIn.push(count === 0 ? 0 : count + 1);
  }

  /** The event that broke something was not handled to its end: what it told goes to the last. */
  #conclude({ verdict, violations: [first], simulatedSeconds }: TimelessResult): void {
    const at = Math.round(simulatedSeconds * 1e6);
    this.#playedTo = Math.max(this.#playedTo, at);
    for (let last = this.#toldIn.length - 1; (this.#toldIn[last] ?? 0) > this.count; last -= 1) {
      this.#toldIn[last] = this.count;
    }
    const why = first === undefined ? "every property held" : `${first.invariant} ${first.detail}`;
    this.#lines.push({ at, kind: "verdict", text: `${verdict}: ${why}` });
    this.#toldIn.push(this.count);
  }
}
