import type { Random } from "../../core/base/random.ts";
import { type BuggifyPoint, buggifyPoints } from "../../core/base/situations.ts";
import { newestLevel } from "../../core/model/level.ts";
import { skewMost } from "../scenario/check-hardware.ts";
import type { Action, Chaos, NodePlan, Range, ScenarioPlan, Span } from "../scenario/dsl.ts";
import { span, spanText } from "../scenario/units.ts";

/**
 * Draws the faults of one run (swarm testing, Groce et al. 2012): each kind is in or out, and one
 * that is in has a rate of its own. What is drawn is a plan of chaos in which every range is one
 * value, so that it can be written down, varied and run again.
 */

type Kinds = Omit<Chaos, "from" | "until" | "everyKind" | "buggify">;
export type Kind = keyof Kinds;

/** What explore draws from where a scenario says nothing of a kind. */
const menu: Required<Kinds> = {
  crashes: { every: ["5s", "60s"], downFor: ["100ms", "30s"] },
  kills: { every: ["5s", "60s"], downFor: ["10ms", "20s"] },
  crashLoops: { every: ["15s", "90s"], times: [2, 8] },
  pauses: { every: ["5s", "60s"], lasting: ["100ms", "20s"] },
  freezes: { every: ["10s", "90s"], lasting: ["100ms", "20s"] },
  partitions: {
    every: ["5s", "60s"],
    lasting: ["500ms", "30s"],
    modes: ["isolate-one", "uniform-size", "uniform-partition"],
  },
  flapping: { every: ["15s", "90s"], lasting: ["1s", "30s"] },
  clogs: { every: ["5s", "60s"], lasting: ["50ms", "10s"] },
  clockSkew: ["0s", "1h"],
  clockDriftPpm: [0, 500],
  clockJumps: { every: ["15s", "90s"], ahead: ["1ms", "1m"] },
  loss: [0, 30],
  duplicates: [0, 30],
  reordering: [0, 30],
  latencyMean: ["200us", "100ms"],
  delays: ["fixed", "uniform", "exponential", "heavy-tailed"],
  capacity: [2, 40],
  diskLatencyMean: ["100us", "50ms"],
  diskFailures: { every: ["10s", "60s"] },
  fullDisks: { every: ["15s", "90s"], lasting: ["1s", "30s"] },
  diskDamage: { every: ["15s", "90s"], downFor: ["1s", "20s"] },
  quorumLosses: { every: ["20s", "90s"], downFor: ["1s", "20s"] },
  departures: { every: ["15s", "90s"], downFor: ["1s", "20s"] },
  containerCrashes: { every: ["10s", "5m"] },
  unhealthy: { every: ["20s", "5m"] },
  pullFailures: [0, 30],
  startFailures: [0, 30],
  startMean: ["50ms", "1s"],
  forgeries: { every: ["5s", "60s"] },
  authorities: { every: ["10s", "60s"], lasting: ["1s", "60s"] },
  daemonHangs: { every: ["10s", "60s"], lasting: ["500ms", "40s"] },
  meddling: { every: ["1s", "60s"] },
  commands: { every: ["3s", "30s"] },
  upgrades: { every: ["5s", "60s"] },
  refits: { every: ["10s", "60s"], lasting: ["1s", "60s"] },
};

const allKinds = Object.keys(menu) as Kind[];

/** Half of the kinds are left out of a run. */
const presentPerMillion = 500_000;
/** Before that nodes join and services start. */
const chaosFrom = "20s";
const chaosLeast = 90_000_000;
const afterSteps = 20_000_000;
/**
 * Chaos is no longer than this, in microseconds: the faults of the menu come every few seconds, and
 * a run of hours full of them would take a thread for hours.
 */
export const chaosMost = 600_000_000;

/** The kinds that can be drawn for this plan. */
export function kindsFor({ topology, services, steps = [], chaos }: ScenarioPlan): Kind[] {
  const readsOnLease = topology.raft?.reads === "lease";
  const joinLater = typeof topology.managers !== "number" && topology.managers.some(isNew);
  const isScript = chaos === undefined && steps.length > 0;
  return allKinds.filter((kind) => {
    if (isOfClocks(kind)) return !readsOnLease;
    if (kind === "diskDamage") return !joinLater && !steps.some(({ action }) => isPrecious(action));
    if (kind === "departures") return hasLives(topology) && !isScript;
    if (kind === "quorumLosses" || kind === "refits") return chaos?.[kind] !== undefined;
    if (kind === "upgrades") return (topology.level ?? newestLevel) < newestLevel;
    if (kind === "authorities") return (topology.cluster?.externalCas?.length ?? 0) > 0;
    if (kind === "commands") return services.length > 0 && !isScript;
    return true;
  });
}

/** Lease reads trust in clocks of which none is like that. */
function isOfClocks(kind: Kind): boolean {
  return kind === "clockJumps" || kind === "clockDriftPpm" || kind === "freezes";
}

function hasLives({ managers, workers }: ScenarioPlan["topology"]): boolean {
  const plans = [managers, workers].flatMap((each) => (typeof each === "number" ? [] : each));
  return plans.some(({ lives = 1 }) => lives > 1);
}

/** A machine that becomes a manager only later. */
function isNew({ joins }: NodePlan): boolean {
  return joins === true;
}

/**
 * True for a step that destroys a disk, or changes who is a manager: the budget for what may be
 * destroyed for good knows nothing of what a script has yet to do, and leaves it no room.
 */
function isPrecious({ do: what }: Action): boolean {
  return precious.has(what);
}

const precious: ReadonlySet<Action["do"]> = new Set([
  ...(["corrupt-disk", "misdirect-write", "wipe-disk", "leave"] as const),
  ...(["role", "remove-node", "give-token"] as const),
]);

/** A plan of chaos for one run of `plan`. */
export function drawChaos(plan: ScenarioPlan, random: Random): Chaos {
  const window = windowOf(plan, random);
  const kinds = kindsFor(plan).filter(() => random.chance(presentPerMillion));
  const drawn = kinds.map((kind) => [kind, drawKind(plan, kind, random)] as const);
  const buggify = drawPoints(random);
  return { ...window, everyKind: true, ...Object.fromEntries(drawn), buggify };
}

/**
 * All the time that the scenario has to do with; of a long one a part, around a step of its later
 * half: faults long before that could only spoil what is to lie in between, such as a month in
 * which all machines are off.
 */
function windowOf(plan: ScenarioPlan, random: Random): Pick<Chaos, "from" | "until"> {
  const whole = wholeOf(plan);
  const [first, last] = [span(whole.from), span(whole.until)];
  if (last - first <= chaosMost) return whole;
  const times = (plan.steps ?? []).map(({ at }) => span(at));
  const late = times.filter((at) => at > (first + last) / 2);
  const around = late.length === 0 ? last : random.pick(late);
  const from = Math.max(first, Math.min(around - random.below(chaosMost), last - chaosMost));
  return { from: spanText(from), until: spanText(from + chaosMost) };
}

function wholeOf({ steps = [], chaos }: ScenarioPlan): Pick<Chaos, "from" | "until"> {
  if (chaos !== undefined) return { from: chaos.from, until: chaos.until };
  const last = steps.reduce((end, { at }) => Math.max(end, span(at)), 0);
  return { from: chaosFrom, until: spanText(Math.max(chaosLeast, last + afterSteps)) };
}

/** One kind at a rate of its own; from the ranges of the scenario where it names the kind. */
export function drawKind<K extends Kind>(plan: ScenarioPlan, kind: K, random: Random): Chaos[K] {
  const range = plan.chaos?.[kind] ?? menuFor(plan)[kind];
  if (kind === "delays") return [random.pick(range as readonly string[])] as unknown as Chaos[K];
  return narrowed(range, random) as Chaos[K];
}

/** The menu, except for clocks that are more wrong than this plan's certificates bear. */
function menuFor({ topology }: ScenarioPlan): Required<Kinds> {
  const most = Math.min(skewMost(topology, true), span(menu.clockSkew[1]));
  return { ...menu, clockSkew: ["0s", spanText(most)] };
}

/** Ranges of numbers and spans become one value; lists of words stay. */
function narrowed(value: unknown, random: Random): unknown {
  if (isRange(value)) return single(value, random);
  if (Array.isArray(value) || typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, narrowed(each, random)]),
  );
}

function isRange(value: unknown): value is Range<number> | Range<Span> {
  if (!Array.isArray(value) || value.length !== 2) return false;
  return value.every((each) => typeof each === "number" || /^\d/.test(String(each)));
}

function single([least, most]: Range<number> | Range<Span>, random: Random): unknown {
  if (typeof least === "number") {
    const scale = Number.isInteger(least) && Number.isInteger(most) ? 1 : 1_000;
    const value = random.between(Math.round(least * scale), Math.round(Number(most) * scale));
    return [value / scale, value / scale];
  }
  const value = spanText(random.between(span(least), span(String(most))));
  return [value, value];
}

function drawPoints(random: Random): BuggifyPoint[] {
  const points = Object.keys(buggifyPoints) as BuggifyPoint[];
  return points.filter(() => random.chance(presentPerMillion / 2));
}
