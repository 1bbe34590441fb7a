import type { Probe } from "../../core/base/probe.ts";
import type { Random } from "../../core/base/random.ts";
import { type BuggifyPoint, buggifyPoints } from "../../core/base/situations.ts";
import type { Board } from "../world/board.ts";

/** A point is active in one of four runs, and then fires one time in four, as in FoundationDB. */
const activePerMillion = 250_000;
const firesPerMillion = 250_000;

/** The unusual that may happen in one run: nothing, until points are activated. */
export class Buggify {
  #active: ReadonlySet<BuggifyPoint> = new Set();
  #isCalm = false;
  #random: Random | null = null;
  readonly #streams = new Map<string, Random>();

  /** These points are active in this run; with `true` those that are drawn for it. */
  activate(points: readonly BuggifyPoint[] | true, random: Random): void {
    const all = Object.keys(buggifyPoints) as BuggifyPoint[];
    const active = points === true ? all.filter(() => random.chance(activePerMillion)) : points;
    this.#active = new Set(active);
    this.#random = random;
  }

  /** From now on nothing unusual happens. */
  calm(): void {
    this.#isCalm = true;
  }

  /** Whether it may happen in this run, or might until all was calm. */
  isActive(point: BuggifyPoint): boolean {
    return this.#active.has(point);
  }

  fires(point: BuggifyPoint, node: string): boolean {
    if (this.#random === null || this.#isCalm || !this.#active.has(point)) return false;
    let stream = this.#streams.get(node);
    if (stream === undefined) {
      stream = this.#random.split(node);
      this.#streams.set(node, stream);
    }
    return stream.chance(firesPerMillion);
  }
}

/** The probe of one node. The only maker of probes. */
export function probeOf(node: string, board: Board, buggify: Buggify): Probe {
  const probe: Pick<Probe, Exclude<keyof Probe, symbol>> = {
    sometimes: (holds, situation) => {
      if (holds) board.reached(situation);
    },
    reachable: (situation) => board.reached(situation),
    always: (holds, claim) => {
      if (!holds) board.broken(claim, node);
    },
    unreachable: (claim) => board.broken(claim, node),
    buggify: (point) => buggify.fires(point, node),
  };
  return probe as Probe;
}
