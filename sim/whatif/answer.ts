import { compareText } from "../../core/base/order.ts";
import type { Violation } from "../result.ts";
import type { LossOutcome, ServiceOutcome } from "./outcome.ts";

/** What several runs of the same loss come to. Times are seconds. Plain data. */
export interface LossAnswer {
  readonly lost: readonly string[];
  readonly cut: readonly string[];
  /** Those that missed something first. */
  readonly services: readonly ServiceAnswer[];
  readonly managers: LossOutcome["managers"];
  /** Who led before, and who leads at the end, of the first run; null: nobody. */
  readonly leader: { readonly before: string | null; readonly after: string | null };
  /** Services that the simulation did not get to where they run in the export. */
  readonly astray: readonly string[];
  /** The first property that broke in any run: a bug of simswarm. */
  readonly violation: (Violation & { readonly seed: string }) | null;
}

export interface ServiceAnswer {
  readonly name: string;
  /** How many ran just before the loss. */
  readonly ran: number;
  /** At the end: of a service on every node none on those that are down. */
  readonly wanted: number;
  /** The fewest that ran at once, in any run. */
  readonly lowest: number;
  /** How long fewer ran than wanted, of each run; in ascending order. */
  readonly below: readonly number[];
  /** How many run at the end, in the worst run. */
  readonly running: number;
  /** Why the others wait, as the cluster says it. */
  readonly waits: readonly string[];
  /** What has moved in the first run. */
  readonly moves: readonly Move[];
}

/** Tasks that ran on one node, and where as many run instead; null: nowhere. */
export interface Move {
  readonly from: string;
  readonly to: string | null;
  readonly count: number;
}

type Outcomes = readonly [LossOutcome, ...LossOutcome[]];
type Shown = (machine: string) => string;

/**
 * `outcomes` are those of the seeds 1, 2, 3 and so on; at least one. `shown` is what people call a
 * machine of the simulation.
 */
export function answerOf(
  { lost, cut }: Pick<LossAnswer, "lost" | "cut">,
  outcomes: Outcomes,
  shown: Shown,
): LossAnswer {
  const [first] = outcomes;
  const { before, after } = first.leader;
  const names = [...first.services.keys()].sort(compareText);
  const services = names.map((name) => serviceAnswer(name, outcomes, shown));
  const broken = outcomes.findIndex(({ violation }) => violation !== null);
  const violation = outcomes[broken]?.violation ?? null;
  return {
    lost: lost.map(shown),
    cut: cut.map(shown),
    services: services.sort((one, other) => Number(misses(other)) - Number(misses(one))),
    managers: first.managers,
    leader: { before: before && shown(before), after: after && shown(after) },
    astray: first.astray,
    violation: violation && { ...violation, seed: String(broken + 1) },
  };
}

/** True of a service that ran fewer tasks than wanted, in any run. */
export function misses({ below }: ServiceAnswer): boolean {
  return (below.at(-1) ?? 0) > 0;
}

function serviceAnswer(name: string, outcomes: Outcomes, shown: Shown): ServiceAnswer {
  const each = outcomes.flatMap(({ services }) => services.get(name) ?? []);
  const [first] = each as [ServiceOutcome];
  const worst = each.reduce((low, one) => (one.running < low.running ? one : low), first);
  return {
    name,
    wanted: worst.wanted,
    ran: first.before.size,
    lowest: Math.min(...each.map(({ lowestRunning }) => lowestRunning ?? 0)),
    below: each.map(({ secondsBelow }) => secondsBelow).sort((one, other) => one - other),
    running: worst.running,
    waits: worst.running < worst.wanted ? worst.waits : [],
    moves: movesOf(first, shown),
  };
}

/** Of slots; what runs on every node does not move. */
function movesOf({ before, after }: ServiceOutcome, shown: Shown): Move[] {
  const counts = new Map<string, Move>();
  for (const [slot, from] of before) {
    const to = after.get(slot) ?? null;
    if (to === from || typeof slot === "string") continue;
    const key = `${from} ${to}`;
    const count = (counts.get(key)?.count ?? 0) + 1;
    counts.set(key, { from: shown(from), to: to && shown(to), count });
  }
  return [...counts.keys()].sort(compareText).map((key) => counts.get(key) as Move);
}
