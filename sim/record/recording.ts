import { sortedById } from "../../core/base/order.ts";
import { noBug, type Planted } from "../../core/base/planted.ts";
import type { ClusterFrame } from "../../core/observe/frame.ts";
import { digestOf } from "../digest.ts";
import type { SimEvent } from "../kernel.ts";
import type { RunResult, StoryLine } from "../result.ts";
import type { RunOptions } from "../run.ts";
import type { ScenarioPlan, Span } from "../scenario/dsl.ts";
import { span } from "../scenario/units.ts";
import { simulate } from "../simulate.ts";
import { line, record as recordOf, type TraceRecord } from "../trace/trace.ts";
import { together, type Watch } from "../world/watch.ts";
import { Recorder } from "./recorder.ts";

/** What is taken down of a run besides its states. */
interface Kept {
  readonly events: SimEvent[];
  hosts: readonly string[];
  /** By the number of the event. */
  readonly told: Map<number, string[]>;
}

/** A run that is over, and can be seen as it was at any time. */
export class Recording {
  readonly result: RunResult;
  readonly #recorder: Recorder;
  readonly #events: readonly SimEvent[];
  readonly #hosts: readonly string[];
  readonly #told: ReadonlyMap<number, readonly string[]>;

  constructor(result: RunResult, recorder: Recorder, { events, hosts, told }: Kept) {
    this.result = result;
    this.#recorder = recorder;
    this.#events = events;
    this.#hosts = hosts;
    this.#told = told;
  }

  /** How many events were handled. */
  get events(): number {
    return this.#recorder.count;
  }

  /** The cluster at this time after the start: a span such as `40s`, or microseconds. */
  at(time: Span | number): ClusterFrame {
    const us = typeof time === "number" ? time : span(time);
    return this.#recorder.frameAt(this.#recorder.moments.eventAt(us), us);
  }

  /** The cluster after this many events; 0: before the first. */
  after(event: number): ClusterFrame {
    return this.#recorder.frameAt(event);
  }

  /** How many events had been handled at this time, in microseconds. */
  eventsUntil(us: number): number {
    return this.#recorder.moments.eventAt(us);
  }

  /** When an event was handled, in microseconds; 0 before the first. */
  timeOf(event: number): number {
    return this.#events[event - 1]?.time ?? 0;
  }

  /** Everything that was stored after this many events, as sixteen digits. */
  storeDigestAfter(event: number): string {
    return digestOf(sortedById(this.#recorder.objectsAt(event)));
  }

  /**
   * The event of this number, from 1, as a line for a person, with what the story tells of it; null
   * beyond the last.
   */
  line(event: number): string | null {
    const found = this.#events[event - 1];
    if (found === undefined) return null;
    return [line(found, this.#hosts), ...this.told(event)].join(": ");
  }

  /** What the story tells of the event: `m1 is paused`. */
  told(event: number): readonly string[] {
    return this.#told.get(event) ?? [];
  }

  /** The same as a record. */
  record(event: number): TraceRecord | null {
    const found = this.#events[event - 1];
    return found === undefined ? null : recordOf(found, this.#hosts);
  }
}

/** As `simulate`, and keeps what is needed to look back: some hundred bytes an event. */
export function recordRun(
  plan: ScenarioPlan,
  seed: string,
  options: RunOptions = {},
  planted: Planted = noBug,
): Recording {
  const { observer } = options;
  const kept: Kept = { events: [], hosts: [], told: new Map() };
  const found: { recorder: Recorder | null } = { recorder: null };
  const keep: Watch = () => ({ handled: (event) => kept.events.push(event) });
  const record: Watch = (world) => {
    kept.hosts = world.hosts.map(({ name }) => name);
    found.recorder = new Recorder(world);
    return found.recorder;
  };
  const watch = together(
    observer?.watch === undefined ? [record, keep] : [observer.watch, record, keep],
  );
  /** What is told while an event is handled comes before it is said to be. */
  const story = (line: StoryLine) => {
    const event = kept.events.length + 1;
    kept.told.set(event, [...(kept.told.get(event) ?? []), line.text]);
    observer?.story?.(line);
  };
  const watched: RunOptions = { ...options, observer: { ...observer, watch, story } };
  const result = simulate(plan, seed, watched, planted);
  return new Recording(result, found.recorder as unknown as Recorder, kept);
}
