import { plannedMachines as machinesOf, type PlannedMachine } from "../world/plan.ts";
import { expectProblems } from "./check-expect.ts";
import { clockProblems, followHardware } from "./check-hardware.ts";
import { problemsOf, whereOf } from "./check-issues.ts";
import { followNames, followPartitions } from "./check-network.ts";
import { followPower } from "./check-power.ts";
import { type Complaint, problemsAt, type ScenarioProblem, suggestion } from "./check-problem.ts";
import { Services } from "./check-services.ts";
import { sizeProblems, topologyProblems } from "./check-topology.ts";
import type { Chaos, ScenarioPlan, Step } from "./dsl.ts";
import { scenarioShape } from "./shape.ts";
import type { Follower } from "./step-moment.ts";
import { parseSpan } from "./units.ts";

/**
 * Finds what is wrong with a scenario, before it runs: first its shape, for it may come from plain
 * JavaScript; then, if every value is at least of the right type, whether it makes sense.
 *
 * It plays the steps through in its head, and refuses only what is certainly wrong: which node is
 * the leader, and what chaos does, is not known before a run.
 */
export function checkScenario(plan: ScenarioPlan): ScenarioProblem[] {
  const issues = scenarioShape.safeParse(plan).error?.issues ?? [];
  const found = distinct(issues.flatMap((issue) => problemsOf(issue, plan)));
  const isLegible = issues.every(({ code, path }) => code === "custom" && path[0] !== "topology");
  if (!isLegible) return found;
  const tooMany = sizeProblems(plan.topology);
  return [...found, ...(tooMany.length > 0 ? tooMany : senseProblems(plan, found))];
}

function distinct(problems: readonly ScenarioProblem[]): ScenarioProblem[] {
  return [...new Map(problems.map((each) => [`${each.where}: ${each.reason}`, each])).values()];
}

function senseProblems(plan: ScenarioPlan, found: readonly ScenarioProblem[]): ScenarioProblem[] {
  const { topology, services, steps = [], chaos, expect } = plan;
  const machines = machinesOf(topology);
  const broken = new Set(found.map(({ where }) => where));
  const followed = new Services(machines, chaos, (where) => broken.has(where));
  const atFirst = followed.begin(services);
  const inSteps = stepProblems(steps, followersOf(machines, plan, followed), plan);
  return [
    ...topologyProblems(topology, machines),
    ...atFirst,
    ...inSteps,
    ...coreProblems(plan.core ?? [], machines),
    ...recoveryProblems(plan),
    ...chaosProblems(chaos, plan, machines.length),
    ...expectProblems(expect, {
      machines,
      services: followed.known,
      isCertain: chaos?.commands === undefined,
    }),
  ];
}

function followersOf(
  machines: readonly PlannedMachine[],
  { chaos, topology }: ScenarioPlan,
  services: Services,
): Follower[] {
  return [
    followNames(machines),
    followPartitions(machines, chaos),
    followPower(machines, chaos),
    followHardware(machines, topology, chaos),
    services,
  ];
}

function stepProblems(
  steps: readonly Step[],
  followers: readonly Follower[],
  { chaos, recoverAt = [] }: ScenarioPlan,
): ScenarioProblem[] {
  const chaosFrom = chaos === undefined ? null : parseSpan(chaos.from);
  const healedAt = parseSpan(recoverAt[0] ?? "") ?? Number.MAX_SAFE_INTEGER;
  let last: Step | null = null;
  return steps.flatMap((step, index) => {
    const where = whereOf("steps", index, step);
    const early = orderProblem(step, last);
    last = step;
    const time = parseSpan(step.at) ?? 0;
    const inChaos = chaosFrom !== null && time >= chaosFrom;
    const moment = { where, time: step.at, inChaos, isHealed: time > healedAt };
    const found = followers.flatMap((follower) => follower.follow(step.action, moment));
    return problemsAt(where, [...early, ...found]);
  });
}

function orderProblem(step: Step, last: Step | null): Complaint[] {
  const time = parseSpan(step.at);
  const before = last === null ? null : parseSpan(last.at);
  if (time === null || before === null || time >= before) return [];
  const reason = `comes after a step at ${last?.at}`;
  return [{ reason, help: "put the steps in the order of their times" }];
}

function coreProblems(
  core: readonly string[],
  machines: readonly PlannedMachine[],
): ScenarioProblem[] {
  const known = machines.map(({ name }) => name);
  return core.flatMap((name) => {
    if (known.includes(name)) return [];
    const help = suggestion(name, known, "node");
    return [{ where: "core", reason: `there is no node "${name}"`, help }];
  });
}

function recoveryProblems({ recoverAt = [], chaos }: ScenarioPlan): ScenarioProblem[] {
  const times = recoverAt.map((text) => parseSpan(text) ?? 0);
  const where = "recoverAt";
  if (times.some((time, at) => time <= (times[at - 1] ?? -1))) {
    return [{ where, reason: "its times don't ascend", help: "put each time once, in order" }];
  }
  const [first = 0] = times;
  const chaosUntil = parseSpan(chaos?.until ?? "") ?? 0;
  if (times.length === 0 || first >= chaosUntil) return [];
  const reason = `${recoverAt[0]} is before ${chaos?.until}, when chaos ends`;
  return [{ where, reason, help: "let the cluster recover when chaos is over" }];
}

function chaosProblems(
  chaos: Chaos | undefined,
  { services, topology, clients = 0 }: ScenarioPlan,
  machines: number,
): ScenarioProblem[] {
  if (chaos === undefined) return [];
  const found = clockProblems(chaos, topology);
  const from = parseSpan(chaos.from);
  const until = parseSpan(chaos.until);
  if (from !== null && until !== null && from >= until) {
    const reason = `until: ${chaos.until} is not after ${chaos.from}, when it begins`;
    found.push({ reason, help: "give it some time between from and until" });
  }
  if (chaos.commands !== undefined && services.length === 0) {
    const nothing = "commands: there is no service to command";
    found.push({ reason: nothing, help: "plan one in services" });
  }
  if (chaos.quorumLosses !== undefined && clients > 0) {
    const reason = "quorumLosses: clients remember what the cluster may then have lost";
    found.push({ reason, help: "leave out clients" });
  }
  for (const kind of ["partitions", "flapping", "clogs"] as const) {
    if (chaos[kind] === undefined || machines > 1) continue;
    found.push({ reason: `${kind}: a single node can't be parted`, help: "plan more nodes" });
  }
  return problemsAt("chaos", found);
}
