import type { Drawn } from "../chance/choices.ts";
import { eventsBetween, type Past, type Point, turningPoint } from "../explain/why.ts";
import type { Violation } from "../result.ts";
import { failureOf } from "../shrink/failure.ts";
import { Progress } from "./progress.ts";
import { type Jobs, runOnEveryCore } from "./runner.ts";
import { StatusLine } from "./status-line.ts";
import type { Subject } from "./subject.ts";
import type { Future, WhyWorkerData } from "./why-worker.ts";

/** How many events at once where it looks closer. */
const closerPoints = 8;

/** The futures from some events on, in the order in which they are tried. */
interface Plan {
  readonly events: readonly number[];
  /** Which of the events, and which of its futures. */
  at(index: number): { readonly place: number; readonly future: number };
  /** Nothing that is still asked would be answered by it. */
  isMoot(place: number): boolean;
}

/** Branches at one event after the other, each many times over. */
export class WhySearch {
  /** The event that broke the invariant: from there on it is broken. */
  readonly last: number;
  isInterrupted = false;
  readonly points: Point[] = [];
  readonly #past: Past;
  readonly #data: WhyWorkerData;
  readonly #futures: number;
  readonly #line = new StatusLine();

  constructor(subject: Subject, past: Past, violation: Violation, futures: number) {
    const { plan, seed, limits: options, bug } = subject;
    const { choices, recording } = past;
    this.last = recording.events + 1;
    this.#past = past;
    this.#futures = futures;
    const failure = failureOf(violation);
    this.#data = { plan, seed, options, bug, choices, failure };
  }

  /** After the one event it might have come otherwise, and after the other it could not. */
  get turn(): { readonly open: number; readonly certain: number } {
    const broken = { event: this.last, failed: this.#futures, futures: this.#futures };
    return turningPoint([...this.points, broken]);
  }

  /** Every future of each event: how many break, and of how many. */
  tryAll(events: readonly number[]): Promise<Point[]> {
    const at = (index: number) => ({
      place: Math.floor(index / this.#futures),
      future: index % this.#futures,
    });
    return this.#try({ events, at, isMoot: () => false }, []);
  }

  /** Looks ever closer between the last event that left a way out and the next that left none. */
  async narrow(): Promise<void> {
    for (;;) {
      const { open, certain } = this.turn;
      const events = eventsBetween(open, certain, closerPoints);
      if (events.length === 0 || this.isInterrupted) return;
      await this.#lastOpen(events);
    }
  }

  /**
   * Which is the last that leaves a way out: one future that does not break shows it of an event,
   * and spares the others of that event and of all before.
   */
  async #lastOpen(events: readonly number[]): Promise<void> {
    const { length } = events;
    const open: boolean[] = [];
    const at = (index: number) => ({
      place: length - 1 - (index % length),
      future: Math.floor(index / length),
    });
    await this.#try({ events, at, isMoot: (place) => open.lastIndexOf(true) >= place }, open);
  }

  /** `open`: at whose place a future did not break is set to true. */
  async #try(plan: Plan, open: boolean[]): Promise<Point[]> {
    const { events } = plan;
    const points = events.map((event) => ({ event, failed: 0, futures: 0 }));
    const progress = new Progress(events.length * this.#futures, "futures", this.#line);
    this.isInterrupted = await runOnEveryCore(this.#jobs(plan), (isBroken, index) => {
      const { place } = plan.at(index);
      progress.add(isBroken === true);
      const point = points[place];
      if (isBroken === null || point === undefined) return;
      point.futures += 1;
      if (isBroken) point.failed += 1;
      else open[place] = true;
    });
    progress.clear();
    const known = points.filter(
      ({ futures, failed }) => futures === this.#futures || failed < futures,
    );
    this.points.push(...known);
    return known;
  }

  #jobs(plan: Plan): Jobs<Future | null, boolean | null> {
    const { drawnAfter } = this.#past;
    return {
      module: new URL("./why-worker.js", import.meta.url),
      workerData: this.#data,
      count: plan.events.length * this.#futures,
      at: (index) => {
        const { place, future } = plan.at(index);
        if (plan.isMoot(place)) return null;
        return { kept: drawnAfter[plan.events[place] ?? 0] as Drawn, future };
      },
      lost: () => null,
    };
  }
}
