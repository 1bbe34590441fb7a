import { setTimeout as pause } from "node:timers/promises";
import { type Difference, differences } from "./compare.ts";
import { isKnown } from "./known.ts";
import type { Rivals } from "./rivals.ts";
import type { Occasion } from "./rule.ts";
import { isDrained, serviceOf } from "./shown.ts";
import type { Side } from "./side.ts";
import { arranged, type State, stateOf } from "./state.ts";
import { type Step, saidTo } from "./step.ts";
import { takesByChance } from "./words.ts";

const lookEveryMs = 100;
/** What waits for good, as a task without a node does, is at rest after so long without change. */
const stillMs = 7_000;
/** What differs still, so long after the step and with both sides at rest, is a difference. */
const patienceMs = 8_000;
/** Of several nodes: one that has gone is down when it has missed three heartbeats. */
const patienceOfClusterMs = 30_000;
/** A side that does not come to rest is not waited for. */
const patienceMostMs = 120_000;

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
  let { tree } = await stateOf(rivals.swarm);
  let { tree: ourState } = await stateOf(rivals.ours);
  let parted: ReadonlySet<string> = new Set();
  for (const [at, step] of history.entries()) {
    const [swarm, ours] = await Promise.all(
      [rivals.swarm, rivals.ours].map(async (side) => {
        const answer = await side.tell(await saidTo(side, step));
        return Array.isArray(answer.body) ? { ...answer, body: arranged(answer.body) } : answer;
      }),
    );
    if (swarm === undefined || ours === undefined) throw new Error("two sides were asked");
    hears(step, swarm.status);
    const occasion: Occasion = { step, swarm, ours, state: tree, ourState, parted };
    const unknown = (each: Difference) => !isKnown(each, occasion);
    const found = differences(swarm, ours, "answer").filter(unknown);
    if (found.length > 0) findings.push({ at, step, differences: found });
    if (swarm.status < 400 !== ours.status < 400) return findings;
    // It takes the services of a stack in another order each time, up to the first that is refused.
    if (step.path.startsWith("stack deploy") && swarm.status >= 400) return findings;
    // A command that is refused may have done some of it.
    if (step.method === "GET" || (swarm.status >= 400 && step.method !== "docker")) continue;
    const rest = await restAfter(rivals, occasion);
    if (rest.left.length > 0) return [...findings, { at, step, differences: rest.left }];
    ({ tree, ourState, parted } = rest);
  }
  return findings;
}

/** What differs once both sides are at rest, and what Swarm shows then. */
async function restAfter(rivals: Rivals, occasion: Occasion) {
  const sides = [new Rest(rivals.swarm), new Rest(rivals.ours)] as const;
  const patience = rivals.isCluster ? patienceOfClusterMs : patienceMs;
  for (const begun = Date.now(); ; await pause(lookEveryMs)) {
    const [{ tree }, ours] = await Promise.all([sides[0].look(), sides[1].look()]);
    const all = differences(tree, ours.tree, "state");
    const now = { ...occasion, state: tree, ourState: ours.tree };
    const left = all.filter((each) => !isKnown(each, now));
    const areAtRest = sides.every(({ isAtRest }) => isAtRest);
    const took = Date.now() - begun;
    if ((areAtRest && (left.length === 0 || took > patience)) || took > patienceMostMs) {
      return { left, tree, ourState: ours.tree, parted: partedBy(all, now) };
    }
  }
}

/** The services whose tasks differ because a node is or was drained, or it was scaled. */
function partedBy(
  all: readonly Difference[],
  { parted, state, step }: Occasion,
): ReadonlySet<string> {
  const names = all.map(({ path }) => serviceOf(path)).filter((name) => name !== null);
  return new Set(
    names.filter((name) => isDrained(state) || takesByChance(step) || parted.has(name)),
  );
}

/** Looks at a side until it no longer changes. */
class Rest {
  readonly #side: Side;
  #last = "";
  #since = 0;
  #isSettled = false;
  #isUnderWay = false;

  constructor(side: Side) {
    this.#side = side;
  }

  get isAtRest(): boolean {
    const still = Date.now() - this.#since;
    return !this.#isUnderWay && still > (this.#isSettled ? 2 * lookEveryMs : stillMs);
  }

  async look(): Promise<State> {
    const state = await stateOf(this.#side);
    const shown = JSON.stringify(state.tree);
    if (shown !== this.#last) this.#since = Date.now();
    this.#last = shown;
    this.#isSettled = state.isSettled;
    this.#isUnderWay = state.isUnderWay;
    return state;
  }
}
