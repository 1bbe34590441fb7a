import { setTimeout as pause } from "node:timers/promises";
import { type Difference, differences } from "./compare.ts";
import { isKnown, type Occasion } from "./known.ts";
import type { Rivals } from "./rivals.ts";
import type { Side } from "./side.ts";
import { arranged, type State, stateOf } from "./state.ts";
import { type Step, saidTo } from "./step.ts";

const lookEveryMs = 100;
/** What waits for good, as a task without a node does, is at rest after so long without change. */
const stillMs = 7_000;
/** What differs still, so long after the step and with both sides at rest, is a difference. */
const patienceMs = 8_000;
/** A side that does not come to rest is not waited for. */
const patienceMostMs = 40_000;

export interface Finding {
  /** Of the history, from 0. */
  readonly at: number;
  readonly step: Step;
  readonly differences: readonly Difference[];
}

/**
 * Plays a history on both sides, and waits for rest after each step. `hears` is told of each step
 * with its status. The history ends where the two can no longer go the same way.
 */
export async function play(
  rivals: Rivals,
  history: readonly Step[],
  hears: (step: Step, status: number) => void,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  await rivals.renew();
  for (const [at, step] of history.entries()) {
    const [swarm, ours] = await Promise.all(
      [rivals.swarm, rivals.ours].map(async (side) => {
        const { method, path, body } = await saidTo(side, step);
        const answer = await side.ask(method, path, body);
        return Array.isArray(answer.body) ? { ...answer, body: arranged(answer.body) } : answer;
      }),
    );
    if (swarm === undefined || ours === undefined) throw new Error("two sides were asked");
    hears(step, swarm.status);
    const occasion = { step, swarm, ours };
    const unknown = (each: Difference) => !isKnown(each, occasion);
    const found = differences(swarm, ours, "answer").filter(unknown);
    if (found.length > 0) findings.push({ at, step, differences: found });
    if (swarm.status < 400 !== ours.status < 400) return findings;
    if (step.method === "GET" || swarm.status >= 400) continue;
    const left = await leftAtRest(rivals, occasion);
    if (left.length > 0) return [...findings, { at, step, differences: left }];
  }
  return findings;
}

/** What differs once both sides are at rest. */
async function leftAtRest(rivals: Rivals, occasion: Occasion): Promise<readonly Difference[]> {
  const sides = [new Rest(rivals.swarm), new Rest(rivals.ours)] as const;
  for (const begun = Date.now(); ; await pause(lookEveryMs)) {
    const [a, b] = await Promise.all(sides.map((side) => side.look()));
    const all = differences(a?.tree, b?.tree, "state");
    const found = all.filter((each) => !isKnown(each, occasion));
    const areAtRest = sides.every(({ isAtRest }) => isAtRest);
    const took = Date.now() - begun;
    if (areAtRest && (found.length === 0 || took > patienceMs)) return found;
    if (took > patienceMostMs) return found;
  }
}

/** Looks at a side until it no longer changes. */
class Rest {
  readonly #side: Side;
  #last = "";
  #since = 0;
  #isSettled = false;

  constructor(side: Side) {
    this.#side = side;
  }

  get isAtRest(): boolean {
    const still = Date.now() - this.#since;
    return still > (this.#isSettled ? 2 * lookEveryMs : stillMs);
  }

  async look(): Promise<State> {
    const state = await stateOf(this.#side);
    const shown = JSON.stringify(state.tree);
    if (shown !== this.#last) this.#since = Date.now();
    this.#last = shown;
    this.#isSettled = state.isSettled;
    return state;
  }
}
