import type { Planted } from "../../core/base/planted.ts";
import type { ClusterFrame } from "../../core/observe/frame.ts";
import type {
  AvailabilityFrame,
  EventLine,
  TimeMark,
  ViolationFrame,
} from "../../core/observe/source.ts";
import { Recorder } from "../record/recorder.ts";
import { upTo } from "../record/versions.ts";
import type { RunOptions } from "../run.ts";
import { Run, type TimelessResult } from "../run.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { together } from "../world/watch.ts";
import { Tallies } from "./tallies.ts";

/** How many of the story's newest lines are shown. */
const linesShown = 1_000;

/** How much of a run is kept. */
export interface TapeLimits {
  /** The run can be seen after each of this many of the newest events, or up to twice as many. */
  readonly events: number;
  /** Of all before them this many versions of things are kept. */
  readonly versions: number;
  /** Lines of the story; of older ones those only that are marks on the line of time. */
  readonly lines: number;
}

/** A position in a run: after this many events, at a time no earlier than the last of them. */
export interface TapePosition {
  readonly event: number;
  /** Microseconds since the start. */
  readonly at: number;
}

/** A mark, and the event in which it came. */
interface Mark extends TimeMark {
  readonly event: number;
}

/**
 * A run as far as it has been played, which can be seen as it was at any time so far.
 *
 * Model: of the newest events everything is known. Of those before only each second one is looked
 * at, then each fourth, and so on, so that what is kept has a bound however long the run is. A
 * position there shows the moment before it that is known.
 */
export class Tape {
  readonly #limits: TapeLimits;
  readonly #run: Run;
  readonly #recorder: Recorder;
  readonly #tallies: Tallies;
  #lines: EventLine[] = [];
  /** The event during which each line was told. */
  #toldIn: number[] = [];
  #marks: readonly Mark[] = [];
  /** Up to here time has been played, with or without an event. */
  #playedTo = 0;
  /** Everything is known after this event and all later ones. */
  #fullFrom = 0;
  /** Before that, after each event whose number is a multiple of this. */
  #every = 1;

  constructor(
    plan: ScenarioPlan,
    seed: string,
    options: RunOptions,
    planted: Planted,
    limits: TapeLimits,
  ) {
    this.#limits = limits;
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

  /** Plays on to this moment, but no more than this many events. True when it got there. */
  play(until: number, most: number): boolean {
    const before = this.count;
    if (this.result !== null) return true;
    this.#run.advance(until, most);
    if (this.result !== null) this.#conclude(this.result);
    else if (this.count - before < most) this.#playedTo = Math.max(this.#playedTo, until);
    if (this.count - this.#fullFrom > 2 * this.#limits.events) this.#thin();
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

  /** The last position that is known so far. */
  get end(): TapePosition {
    const last = this.#recorder.moments.timeOf(this.count);
    return { event: this.count, at: Math.max(last, this.#playedTo) };
  }

  /** What one may want to go to, of all that is known so far. */
  get marks(): readonly Mark[] {
    return this.#marks;
  }

  /** Whether everything is known after this event. */
  hasEvent(event: number): boolean {
    return event >= this.#fullFrom && event <= this.count;
  }

  /** Whether everything is known at it: nothing happened between its event and its time. */
  knows({ event, at }: TapePosition): boolean {
    if (!this.hasEvent(event)) return false;
    return at <= (event === this.count ? this.end.at : this.#recorder.moments.timeOf(event + 1));
  }

  /** Just after the event of this number, or the newest before it that is known; 0: the start. */
  positionAfter(event: number): TapePosition {
    const known = this.#recorder.moments.upTo(event);
    return { event: known, at: this.#recorder.moments.timeOf(known) };
  }

  /** The same, or the oldest after it that is known. */
  positionFrom(event: number): TapePosition {
    return this.positionAfter(this.#recorder.moments.from(event));
  }

  /** The position at this moment, which must have been played. */
  positionAt(at: number): TapePosition {
    return { event: this.#recorder.moments.eventAt(at), at };
  }

  frame(position: TapePosition): ClusterFrame {
    const { event, at } = position;
    if (this.knows(position)) return this.#recorder.frameAt(event, at);
    return { ...this.#recorder.frameAt(this.#recorder.moments.upTo(event)), at };
  }

  availability({ event, at }: TapePosition): Record<string, AvailabilityFrame> {
    return this.#tallies.at(event, at);
  }

  /** What has been told up to a position, oldest first; older lines may be left out. */
  lines({ event }: TapePosition): EventLine[] {
    const told = upTo(this.#toldIn, event);
    return this.#lines.slice(Math.max(0, told - linesShown), told);
  }

  /** What is broken at this position. */
  violations({ event, at }: TapePosition): ViolationFrame[] {
    const found = this.result?.violations ?? [];
    const isEnd = event === this.count && at >= this.end.at;
    if (!isEnd) return [];
    return found.map((each) => ({ ...each, at: Math.round(each.at * 1e6) }));
  }

  /** A line belongs to the event that is being handled. */
  #tell(line: EventLine): void {
    const { count } = this.#recorder;
    const event = count === 0 ? 0 : count + 1;
    const { at, kind } = line;
    this.#lines.push(line);
    this.#toldIn.push(event);
    if (isMark(kind)) this.#marks = [...this.#marks, { at, kind, event }];
  }

  /** The event that broke something was not handled to its end: what it told goes to the last. */
  #conclude({ verdict, violations: [first], simulatedSeconds }: TimelessResult): void {
    const { count } = this;
    const at = Math.round(simulatedSeconds * 1e6);
    this.#playedTo = Math.max(this.#playedTo, at);
    this.#toldIn = this.#toldIn.map((event) => Math.min(event, count));
    this.#marks = this.#marks.map((mark) => ({ ...mark, event: Math.min(mark.event, count) }));
    const why = first === undefined ? "every property held" : `${first.invariant} ${first.detail}`;
    this.#lines.push({ at, kind: "verdict", text: `${verdict}: ${why}` });
    this.#toldIn.push(count);
    if (first === undefined) return;
    this.#marks = [...this.#marks, { at, kind: "violation", event: count }];
  }

  #thin(): void {
    const from = this.count - this.#limits.events;
    const thin = () => this.#recorder.thin({ from, every: this.#every });
    let left = thin();
    while (left > this.#limits.versions && this.#every < from) {
      this.#every *= 2;
      left = thin();
    }
    this.#fullFrom = from;
    this.#tallies.thin({ from, every: this.#every });
    this.#thinLines();
  }

  #thinLines(): void {
    const first = this.#lines.length - this.#limits.lines;
    if (first <= 0) return;
    const isKept = (at: number) => at >= first || isMark((this.#lines[at] as EventLine).kind);
    const lines = this.#lines.filter((_, at) => isKept(at));
    this.#toldIn = this.#toldIn.filter((_, at) => isKept(at));
    this.#lines = lines;
  }
}

function isMark(kind: EventLine["kind"]): kind is EventLine["kind"] & TimeMark["kind"] {
  return kind === "election" || kind === "fault" || kind === "heal";
}
