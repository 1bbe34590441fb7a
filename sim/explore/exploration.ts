import { Random } from "../../core/base/random.ts";
import type { BranchPoint } from "../chance/choices.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { drawChaos } from "./menu.ts";
import { mutated } from "./mutate.ts";
import { StateSet } from "./state-set.ts";

/** One run of an exploration, whole: it can be sent to a thread, and written down. */
export interface Trial {
  /** Its place among all trials of all shards; what is drawn for it follows from this. */
  readonly number: number;
  /** The place of its scenario among those that are explored. */
  readonly scenario: number;
  readonly seed: string;
  readonly plan: ScenarioPlan;
  /** Where its choices part from those that follow from the seed; null: nowhere. */
  readonly branch: BranchPoint | null;
}

/** Which part of an exploration is to be done: `index` of `count`, from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * A trial may descend from those that came this long before it, and from none that came later: so
 * it does not matter how many are run at the same time.
 */
export const generation = 64;
/**
 * A trial that reached this many times as many new states as usual is worth varying. Nearly every
 * one reaches some: were that enough, variations would find less than draws that know nothing.
 */
const aboveUsual = 1.2;
/** What is usual follows the newest trials: this much of it is the newest one. */
const usualShare = 0.02;
/** How many of those worth varying are kept: the newest. */
const parentsMost = 128;
/** The best of this many is varied. */
const rivals = 3;
/** Trials in a million that are the scenario as it is written: some states only that reaches. */
const writtenPerMillion = 100_000;
/** Of the others this many in a million vary an earlier one. */
const bredPerMillion = 600_000;

/** Of the variations this many in a million keep the faults and a prefix of the choices. */
const branchedPerMillion = 150_000;
/** A run makes some ten thousand choices; any order of magnitude is as likely to be kept. */
const keptBits = [6, 15] as const;

interface Parent {
  readonly place: number;
  readonly trial: Trial;
  /** How many new states it reached, in times of what was usual then. */
  readonly score: number;
}

/**
 * Decides what each run of an exploration is.
 *
 * Model: a few trials are of a scenario as it is written. Every other draws its own kinds of faults
 * at its own rates. Those that reach more states which none has reached before than is usual are
 * parents: more than half of the later trials are variations of one of them. All of it follows from
 * the scenarios, the first seed and the shard.
 */
export class Exploration {
  readonly #plans: readonly ScenarioPlan[];
  readonly #firstSeed: number;
  readonly #shard: Shard;
  readonly #parents: Parent[] = [];
  readonly #reached = new StateSet();
  /** How many new states a trial reaches as a rule; null before the first. */
  #usual: number | null = null;

  constructor(plans: readonly ScenarioPlan[], firstSeed: number, shard: Shard) {
    this.#plans = plans;
    this.#firstSeed = firstSeed;
    this.#shard = shard;
  }

  /** The trial at this place of the shard, from 0. Those `generation` before it must be taken. */
  trialAt(place: number): Trial {
    const { index, count } = this.#shard;
    const number = this.#firstSeed + place * count + index - 1;
    const random = new Random([number, number / 0x1_0000_0000, 0x5eed, this.#plans.length]);
    const scenario = number % this.#plans.length;
    const written = this.#plans[scenario] as ScenarioPlan;
    if (givesUpQuorum(written) || random.chance(writtenPerMillion)) {
      return { number, scenario, seed: String(number), plan: written, branch: null };
    }
    const known = this.#parents.filter((each) => each.place + generation <= place);
    if (known.length > 0 && random.chance(bredPerMillion)) {
      return this.#varied(bestOf(known.slice(-parentsMost), random).trial, number, random);
    }
    const plan = withChaos({ ...written, chaos: drawChaos(written, random) });
    return { number, scenario, seed: String(number), plan, branch: null };
  }

  /** The states that a trial has reached; trials are taken in their order. */
  take(place: number, trial: Trial, states: readonly number[]): void {
    const before = this.states;
    for (const state of states) this.#reached.add(state);
    const fresh = this.states - before;
    this.#usual = this.#usual === null ? fresh : this.#usual + (fresh - this.#usual) * usualShare;
    const isWritten = trial.plan === this.#plans[trial.scenario];
    if (fresh === 0 || fresh < aboveUsual * this.#usual || isWritten) return;
    this.#parents.push({ place, trial, score: fresh / this.#usual });
    if (this.#parents.length > parentsMost + generation) this.#parents.shift();
  }

  /** Which states were reached, one bit each. */
  get reached(): Uint8Array {
    return this.#reached.bits;
  }

  /** How many states were reached. */
  get states(): number {
    return this.#reached.size;
  }

  /** Its faults or steps are changed; or it goes on otherwise from some moment on. */
  #varied(parent: Trial, number: number, random: Random): Trial {
    if (parent.branch === null && random.chance(branchedPerMillion)) {
      const kept = random.below(1 << random.between(...keptBits));
      return { ...parent, number, branch: { kept, future: number } };
    }
    const base = this.#plans[parent.scenario] as ScenarioPlan;
    const plan = mutated(base, parent.plan, random);
    return { ...parent, number, plan, seed: String(number), branch: null };
  }
}

function bestOf(parents: readonly Parent[], random: Random): Parent {
  let best = random.pick(parents);
  for (let other = 1; other < rivals; other += 1) {
    const rival = random.pick(parents);
    if (rival.score > best.score) best = rival;
  }
  return best;
}

/**
 * True when steps give a quorum up for good: that leaves no room for faults on top of them, so such
 * a scenario is only ever run as it is written.
 */
function givesUpQuorum({ steps = [] }: ScenarioPlan): boolean {
  return steps.some(({ action }) => action.do === "force-new-cluster");
}

/**
 * What a scenario expects, and which machines are whole at its end, holds without faults on top of
 * it; what is said of many runs stays.
 */
function withChaos({ core: _named, ...plan }: ScenarioPlan): ScenarioPlan {
  const ofMany = new Set(["sometimes", "reachable", "unreachable"]);
  return { ...plan, expect: plan.expect.filter(({ expect }) => ofMany.has(expect)) };
}
