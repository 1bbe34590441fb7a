import { noBug, type Planted } from "../../core/base/planted.ts";
import { digestOf } from "../digest.ts";
import { explicitOf } from "../faults/explicit.ts";
import type { RunResult, Violation } from "../result.ts";
import type { RunOptions } from "../run.ts";
import { Run, type TimelessResult } from "../run.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { failsAs, failureOf } from "./failure.ts";
import { machineNames, withCounts, withNames } from "./machines.ts";
import { farShorter, smallerPlans } from "./smaller-plans.ts";
import { soundPlan } from "./sound.ts";

/** A run that fails, and how it is run. */
export interface FailingRun {
  readonly plan: ScenarioPlan;
  readonly seed: string;
  /** A tap counts for this run, and not for the smaller ones that follow from it. */
  readonly options: Pick<RunOptions, "until" | "clients" | "tap">;
  readonly planted: Planted;
}

export interface ShrinkLimits {
  /** Most runs. */
  readonly tries: number;
  /** Asked before each run; true ends the search with what it has. */
  readonly isOver?: () => boolean;
}

/** How small the story is by now. */
export interface ShrinkProgress extends Size {
  readonly tries: number;
}

interface Size {
  readonly steps: number;
  readonly machines: number;
  readonly services: number;
}

/** A story that breaks the same, and from which nothing that was tried can be left out. */
export interface Shrunk extends ShrinkProgress {
  readonly plan: ScenarioPlan;
  readonly seed: string;
  readonly violation: Violation;
}

/** Why there is no such story: the run passes; or it fails by its own choices, and by no seed. */
export type NoStory = "passes" | "needs its choices";

/** A failure may need other luck in another world: these seeds are tried besides. */
const otherSeeds = ["1", "2", "3"];
/** With more steps left a story is long: a far shorter one may break the same with other luck. */
const shortMost = 10;
/**
 * Machines that are not switched off have much to say in a hundred days: a story that takes this
 * many times the events of the first, and this many more, is not smaller.
 */
const timesAsLong = 2;
const eventsFree = 50_000;

/**
 * Makes a failing run small. Chaos is first turned into the steps that happened in it; then smaller
 * stories are tried, and whichever still breaks the same invariant is made smaller again, until
 * none does. The same run and the same number of tries give the same story.
 */
export function shrink(run: FailingRun, limits: ShrinkLimits): Shrunk | NoStory {
  const tries = shrinking(run, limits);
  for (;;) {
    const { done, value } = tries.next();
    if (done === true) return value;
  }
}

/** The same, run by run: between two of them its user may look to something else. */
export function* shrinking(run: FailingRun, limits: ShrinkLimits): Tries<Shrunk | NoStory> {
  const { clients = run.plan.clients ?? 0, tap, ...options } = run.options;
  const { clients: _before, ...rest } = run.plan;
  const plan: ScenarioPlan = clients === 0 ? rest : { ...rest, clients };
  const { plan: explicit, result } = explicitOf(
    plan,
    run.seed,
    { ...options, ...(tap && { tap }) },
    run.planted,
  );
  const [violation] = result.violations;
  if (violation === undefined) return "passes";
  const search = new Search({ ...run, options }, violation, limits);
  yield* search.begin([explicit, plan].map(withNames), result);
  let isSmaller = true;
  while (isSmaller && search.hasTime) isSmaller = yield* search.improve();
  if (search.isLong) isSmaller = yield* search.seekLuck(withNames(plan));
  while (isSmaller) isSmaller = yield* search.improve();
  return tap === undefined || search.hasFailed ? search.found : "needs its choices";
}

/** Says after each run how far it has come, and what came of it at its end. */
type Tries<Result> = Generator<ShrinkProgress, Result>;

class Search {
  readonly #run: FailingRun;
  readonly #failure: string;
  readonly #limits: ShrinkLimits;
  /** What was tried from which seed, as digests. */
  readonly #known = new Set<string>();
  #tries = 0;
  /** Some story has failed, from some seed. */
  hasFailed = false;
  /** A run is given up after this many. */
  #eventsMost = 0;
  #plan: ScenarioPlan;
  #seed: string;
  #violation: Violation;

  constructor(run: FailingRun, violation: Violation, limits: ShrinkLimits) {
    this.#run = run;
    this.#failure = failureOf(violation);
    this.#limits = limits;
    this.#plan = run.plan;
    this.#seed = run.seed;
    this.#violation = violation;
  }

  get found(): Shrunk {
    const plan = withCounts(this.#plan);
    return {
      ...{ plan, seed: this.#seed, violation: this.#violation, tries: this.#tries },
      ...sizeOf(this.#plan),
    };
  }

  /** Starts from the first of these that fails; the last is known to, by its choices at least. */
  *begin(plans: readonly ScenarioPlan[], { seed, events }: RunResult): Tries<void> {
    this.#eventsMost = timesAsLong * events + eventsFree;
    for (const plan of plans) {
      if (yield* this.#accepts(plan, [this.#seed, ...otherSeeds])) return;
    }
    this.#plan = plans[plans.length - 1] as ScenarioPlan;
    this.#seed = seed;
  }

  /**
   * Takes the next smaller story that fails; false when there is none. Other luck is tried only
   * when from its own seed none fails: most stories need no other, and each costs a run.
   */
  *improve(): Tries<boolean> {
    for (const seeds of [[this.#seed], otherSeeds]) {
      for (const smaller of smallerPlans(this.#plan)) {
        if (this.#isOver()) return false;
        const sound = soundPlan(smaller);
        if (sound !== null && (yield* this.#accepts(sound, seeds))) return true;
      }
    }
    return false;
  }

  /** Half of the tries are left. */
  get hasTime(): boolean {
    return this.#tries * 2 < this.#limits.tries && !this.#isOver();
  }

  get isLong(): boolean {
    return sizeOf(this.#plan).steps > shortMost;
  }

  /** Tries stories of a few steps with any luck, seed after seed; false when none was found. */
  *seekLuck(written: ScenarioPlan): Tries<boolean> {
    const plans = farShorter(written, this.#plan).flatMap((plan) => soundPlan(plan) ?? []);
    for (let seed = 1; plans.length > 0 && !this.#isOver(); seed += 1) {
      for (const plan of plans) if (yield* this.#accepts(plan, [`${seed}`])) return true;
    }
    return false;
  }

  #isOver(): boolean {
    return this.#tries >= this.#limits.tries || (this.#limits.isOver?.() ?? false);
  }

  #isNew(digest: string, seed: string): boolean {
    const run = `${digest} ${seed}`;
    if (this.#known.has(run)) return false;
    this.#known.add(run);
    return true;
  }

  *#accepts(plan: ScenarioPlan, seeds: readonly string[]): Tries<boolean> {
    const digest = digestOf(plan);
    for (const seed of seeds) {
      if (!this.#isNew(digest, seed)) continue;
      if (this.#isOver()) return false;
      const violation = this.#failureIn(plan, seed);
      if (violation !== null) {
        this.hasFailed = true;
        this.#plan = plan;
        this.#seed = seed;
        this.#violation = violation;
      }
      yield { tries: this.#tries, ...sizeOf(this.#plan) };
      if (violation !== null) return true;
    }
    return false;
  }

  /** With a planted bug it is the bug that must make it fail, and not the world. */
  #failureIn(plan: ScenarioPlan, seed: string): Violation | null {
    const { planted } = this.#run;
    const result = this.#resultOf(plan, seed, planted);
    const [violation] = result?.violations ?? [];
    if (result === null || violation === undefined) return null;
    if (!failsAs(result, this.#failure)) return null;
    if (planted === noBug) return violation;
    if (this.#isOver()) return null;
    return this.#resultOf(plan, seed, noBug)?.verdict === "pass" ? violation : null;
  }

  /** Null when it takes far longer than the story that is to be made small. */
  #resultOf(plan: ScenarioPlan, seed: string, planted: Planted): TimelessResult | null {
    this.#tries += 1;
    const run = new Run(plan, seed, this.#run.options, planted);
    run.advance(Number.MAX_SAFE_INTEGER, this.#eventsMost);
    return run.result;
  }
}

function sizeOf(plan: ScenarioPlan): Size {
  const { steps = [], services } = plan;
  return { steps: steps.length, machines: machineNames(plan).length, services: services.length };
}
