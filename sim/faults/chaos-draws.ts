import type { Random } from "../../core/base/random.ts";
import { exponential } from "../chance/draw.ts";
import { EventKind, type Kernel } from "../kernel.ts";
import type { Range, Span } from "../scenario/dsl.ts";
import { span } from "../scenario/units.ts";

/** One kind of fault is left out of a run this often, so that each run is bad in its own way. */
const absentPerMillion = 350_000;

/** What chaos draws, from one stream, and how its faults come again and again. */
export class ChaosDraws {
  readonly random: Random;
  readonly #kernel: Kernel;
  readonly #absentPerMillion: number;
  /** Nothing new goes wrong any more. */
  isOver = false;

  constructor(kernel: Kernel, everyKind: boolean, random: Random) {
    this.#kernel = kernel;
    this.#absentPerMillion = everyKind ? 0 : absentPerMillion;
    this.random = random;
  }

  /** `strike` comes at random moments, on average every so often; if at all in this run. */
  recurring(every: Range<Span>, strike: () => void): void {
    if (!this.occurs()) return;
    const mean = this.span(every);
    const next = (): void => {
      this.later(exponential(this.random, mean) + 1, () => {
        strike();
        next();
      });
    };
    next();
  }

  /** Unless the chaos is over by then. */
  later(delay: number, happens: () => void): void {
    this.#kernel.schedule(delay, EventKind.FAULT, -1, "chaos", () => {
      if (!this.isOver) happens();
      return true;
    });
  }

  /** Whether a kind of fault is one of this run's. */
  occurs(): boolean {
    return !this.random.chance(this.#absentPerMillion);
  }

  /** So far ahead or, as often, behind. */
  offset(least: number, most: number): number {
    const isAhead = this.random.chance(500_000);
    const far = this.random.between(least, most);
    return isAhead ? far : 0 - far;
  }

  span([least, most]: Range<Span>): number {
    return this.random.between(span(least), span(most));
  }

  /** Skewed towards the low end: terrible networks are rarer than bad ones. */
  percent([least, most]: Range<number>): number {
    const high = this.random.between(Math.round(least * 10_000), Math.round(most * 10_000));
    return this.random.between(Math.round(least * 10_000), high) / 10_000;
  }
}
