import { checkScenario } from "../scenario/check.ts";
import { whereOf } from "../scenario/check-issues.ts";
import { listed, type ScenarioProblem, shown } from "../scenario/check-problem.ts";
import type { Action, Chaos, ScenarioPlan } from "../scenario/dsl.ts";
import { parseSpan } from "../scenario/units.ts";
import type { Machines } from "./machine.ts";

/** What can happen to any machine: to its daemon, its disk, its clocks and the network. */
const faults: readonly Action["do"][] = [
  ...(["partition", "partition-at-random", "mend", "flap", "clog", "unclog", "heal"] as const),
  ...(["network", "crash", "kill", "restart", "crash-loop", "pause", "freeze", "resume"] as const),
  ...(["disk", "fail-sync", "fill-disk", "free-disk", "wipe-disk"] as const),
  ...(["corrupt-disk", "misdirect-write", "corrupt-read"] as const),
  ...(["skew-clock", "drift-clock", "jump-clock"] as const),
];

/** The kinds of chaos that are about more than that: what they do nobody here would notice. */
const ofClusters: readonly (keyof Chaos)[] = [
  ...(["containerCrashes", "unhealthy", "pullFailures", "startFailures", "startMean"] as const),
  ...(["daemonHangs", "upgrades", "authorities", "forgeries", "buggify", "commands"] as const),
  ...(["quorumLosses", "departures", "refits", "meddling"] as const),
];

/** What is wrong with machines before anything runs. */
export function machineProblems(plan: Machines): ScenarioProblem[] {
  const names = namesProblems(plan.nodes);
  if (names.length > 0) return names;
  const found = checkScenario(asScenario(plan)).map((problem) => ({
    ...problem,
    where: problem.where.replace(/^topology(\.managers)?/, "nodes"),
  }));
  return [...found, ...lastingProblems(plan), ...clusterProblems(plan), ...twice(plan)];
}

/** Steps and chaos are held against what they would be in a scenario with these nodes. */
function asScenario({ name, story, nodes, steps = [], chaos }: Machines): ScenarioPlan {
  return {
    ...{ name, story, services: [], steps, expect: [] },
    topology: { managers: nodes.map((node) => ({ name: node })), workers: 0 },
    ...(chaos !== undefined && { chaos }),
  };
}

function namesProblems(nodes: readonly string[]): ScenarioProblem[] {
  const where = "nodes";
  if (nodes.length === 0) return [{ where, reason: "there is none", help: "name one at least" }];
  const twin = nodes.find((node, at) => nodes.indexOf(node) !== at);
  if (twin === undefined) return [];
  return [{ where, reason: `two are named ${shown(twin)}`, help: "give each a name of its own" }];
}

/** A run without time, and what comes when it is over. */
function lastingProblems({ lasting, steps = [], chaos }: Machines): ScenarioProblem[] {
  const us = parseSpan(String(lasting));
  if (us === null || us <= 0) {
    const reason = `${shown(lasting)} is not a span of time`;
    return [{ where: "lasting", reason, help: "write a number and its unit: 20ms, 1.5s, 2m" }];
  }
  const isLate = (text: string) => (parseSpan(text) ?? 0) > us;
  const reason = `comes when the run is over, which is lasting ${lasting}`;
  const help = "let the run last longer, or let it come sooner";
  return [
    ...steps.flatMap((step, at) =>
      isLate(step.at) ? [{ where: whereOf("steps", at, step), reason, help }] : [],
    ),
    ...(chaos !== undefined && isLate(chaos.from) ? [{ where: "chaos", reason, help }] : []),
  ];
}

function clusterProblems({ steps = [], chaos = {} as Chaos }: Machines): ScenarioProblem[] {
  const reason = "is about a cluster, which machines of your own are not";
  const kinds = ofClusters.filter((kind) => chaos[kind] !== undefined);
  return [
    ...steps.flatMap((step, at) =>
      faults.includes(step.action.do)
        ? []
        : [{ where: whereOf("steps", at, step), reason, help: `known: ${listed(faults)}` }],
    ),
    ...kinds.map((kind) => ({
      where: "chaos",
      reason: `${kind}: ${reason}`,
      help: "leave it out",
    })),
  ];
}

function twice({ invariants }: Machines): ScenarioProblem[] {
  const names = invariants.map(({ name }) => name);
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))].map((name) => ({
    where: "invariants",
    reason: `two are named ${shown(name)}`,
    help: "a failure goes by the name: give each its own",
  }));
}
