import type { ScenarioPlan } from "../scenario/dsl.ts";
import { Exploration, type Trial } from "./exploration.ts";

/**
 * The runs of an exploration in one thread: in turn the scenario as it is written, so that all it
 * expects is checked, and one that `sim explore` would draw, with faults of its own or as a
 * variation of one that got somewhere new.
 */
export class Alternate {
  readonly #plan: ScenarioPlan;
  readonly #from: number;
  readonly #drawn: Exploration;

  constructor(plan: ScenarioPlan, from: number) {
    this.#plan = plan;
    this.#from = from;
    this.#drawn = new Exploration([plan], from, { index: 1, count: 1 });
  }

  /** The run at this place, from 0. Those before it must be taken. */
  trialAt(place: number): Trial {
    if (!isWritten(place)) return this.#drawn.trialAt((place - 1) / 2);
    const number = this.#from + place;
    return { number, scenario: 0, seed: String(number), plan: this.#plan, branch: null };
  }

  /** The states that the run has reached. */
  take(place: number, trial: Trial, states: readonly number[]): void {
    if (!isWritten(place)) this.#drawn.take((place - 1) / 2, trial, states);
  }
}

function isWritten(place: number): boolean {
  return place % 2 === 0;
}
