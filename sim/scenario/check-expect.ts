import { isJob, isOnEveryNode, type ServiceSpec } from "../../core/model/service.ts";
import type { PlannedMachine } from "../world/plan.ts";
import { plannedTasks } from "./check-fit.ts";
import { whereOf } from "./check-issues.ts";
import { type Complaint, problemsAt, type ScenarioProblem, suggestion } from "./check-problem.ts";
import type { Known } from "./check-services.ts";
import type { Expectation, Goal } from "./dsl.ts";

/** What is known of the cluster after the last step. */
export interface Ending {
  readonly machines: readonly PlannedMachine[];
  readonly services: ReadonlyMap<string, Known>;
  /** False where chaos changes services by itself, so that their end is anyone's guess. */
  readonly isCertain: boolean;
}

/** Expectations of what does not exist, or of what the steps themselves rule out. */
export function expectProblems(
  expectations: readonly Expectation[],
  ending: Ending,
): ScenarioProblem[] {
  return expectations.flatMap((expectation, index) => {
    const complaint = complaintOf(expectation, ending);
    return complaint === null ? [] : problemsAt(whereOf("expect", index, expectation), [complaint]);
  });
}

function complaintOf(expectation: Expectation, ending: Ending): Complaint | null {
  switch (expectation.expect) {
    case "eventually":
    case "always":
      return ofGoal(expectation.goal, expectation.expect, ending);
    case "sometimes":
      return unknownIn(expectation.goal, ending);
    case "reachable":
    case "unreachable":
      return null;
    default:
      return ofAvailability(expectation, ending);
  }
}

function ofAvailability(
  expectation: Extract<Expectation, { expect: "availability" }>,
  ending: Ending,
): Complaint | null {
  const { service, lowest, below, starts } = expectation;
  const unknown = unknownService(service, ending);
  if (unknown !== null) return unknown;
  if (lowest === undefined && below === undefined && starts === undefined) {
    const help = "give lowest, below, starts, or more of them";
    return { reason: "nothing is asked of it", help };
  }
  const spec = finalSpec(service, ending);
  const replicas = spec === null ? undefined : plannedTasks(spec, ending.machines);
  if (lowest === undefined || replicas === undefined || lowest <= replicas) return null;
  return { reason: `lowest: ${lowest} of "${service}" never run: ${ends(replicas)}`, help };
}

const help = "expect what the last step leaves, or change that step";

function unknownIn(goal: Goal, ending: Ending): Complaint | null {
  if (goal.goal === "empty" || goal.goal === "role") return unknownNode(goal.node, ending);
  return unknownService(goal.service, ending);
}

function ofGoal(goal: Goal, when: "eventually" | "always", ending: Ending): Complaint | null {
  if (goal.goal === "empty" || goal.goal === "role") return unknownNode(goal.node, ending);
  const unknown = unknownService(goal.service, ending);
  if (unknown !== null || !ending.isCertain) return unknown;
  const { removedAt = null } = ending.services.get(goal.service) ?? {};
  if (goal.goal === "removed") {
    if (removedAt !== null) return null;
    const reason = `nothing removes the service "${goal.service}"`;
    return { reason, help: "remove it in a step, or leave out the expectation" };
  }
  if (removedAt !== null) {
    const reason = `the service "${goal.service}" is removed at ${removedAt}`;
    return { reason, help: `expect removed("${goal.service}"), or do not remove it` };
  }
  const spec = finalSpec(goal.service, ending);
  return spec === null ? null : againstSpec(goal, spec, when, ending.machines);
}

function againstSpec(
  goal: Exclude<Goal, { goal: "empty" | "removed" | "role" }>,
  spec: ServiceSpec,
  when: "eventually" | "always",
  machines: readonly PlannedMachine[],
): Complaint | null {
  if (goal.goal === "completed") return againstJob(goal.count, spec, when, machines);
  const replicas = plannedTasks(spec, machines);
  if (goal.goal === "image") {
    const { image } = spec.task.container;
    if (image === goal.image || replicas === 0) return null;
    const reason = `"${spec.name}" does not end with the image "${goal.image}", but "${image}"`;
    return { reason, help: "expect the image of the last update" };
  }
  if (goal.goal === "has-secret") return againstSecrets(goal, spec);
  if (goal.goal === "balanced") return againstMode(spec);
  const isTooMany = goal.count > replicas;
  const isTooFew = goal.goal === "running" && goal.count < replicas && isKeptUp(spec);
  if (!isTooMany && !isTooFew) return null;
  const what = goal.goal === "running" ? `${goal.count}` : `at least ${goal.count}`;
  return { reason: `${what} of "${spec.name}" do not ${when} run: ${ends(replicas)}`, help };
}

function againstJob(
  count: number,
  spec: ServiceSpec,
  when: "eventually" | "always",
  machines: readonly PlannedMachine[],
): Complaint | null {
  if (!isJob(spec)) {
    return {
      reason: `"${spec.name}" is no job, so that it never completes`,
      help: 'expect running(), or give the service the mode "replicated-job" or "global-job"',
    };
  }
  if (when === "always") {
    return { reason: "a job has not completed before it has run", help: "expect eventually" };
  }
  const { mode } = spec;
  const runs =
    mode.kind === "replicated-job" ? mode.totalCompletions : plannedTasks(spec, machines);
  const isPossible = isOnEveryNode(spec) ? count <= runs : count === runs;
  return isPossible
    ? null
    : { reason: `"${spec.name}" completes ${runs} times, not ${count}`, help };
}

function againstSecrets(goal: Goal & { goal: "has-secret" }, spec: ServiceSpec): Complaint | null {
  const names = spec.task.container.secrets.map(({ name }) => name);
  if (names.includes(goal.secret)) return null;
  const reason = `"${spec.name}" does not end with the secret "${goal.secret}"`;
  return { reason, help: `expect one of ${names.map((name) => `"${name}"`).join(", ") || "none"}` };
}

function againstMode({ name, mode }: ServiceSpec): Complaint | null {
  if (mode.kind === "replicated") return null;
  return {
    reason: `"${name}" is not replicated, so that it can't be balanced`,
    help: "leave out the expectation: where its tasks run is not the cluster's choice",
  };
}

/** Every task that stops is replaced, so that in the end all of them run. */
function isKeptUp({ mode, task }: ServiceSpec): boolean {
  if (mode.kind !== "replicated") return false;
  return task.restart.condition === "any" && task.restart.maxAttempts === 0;
}

function ends(replicas: number): string {
  return `it ends with ${replicas} ${replicas === 1 ? "replica" : "replicas"}`;
}

/** The spec that the steps leave; null where it can't be told. */
function finalSpec(name: string, { services, isCertain }: Ending): ServiceSpec | null {
  const known = services.get(name);
  const isSure = isCertain && known?.removedAt === null && !known.mayGoBack;
  return isSure ? known.spec : null;
}

function unknownService(name: string, { services }: Ending): Complaint | null {
  if (services.has(name)) return null;
  const known = suggestion(name, [...services.keys()], "service");
  return { reason: `there is no service "${name}"`, help: known };
}

function unknownNode(name: string, { machines }: Ending): Complaint | null {
  const names = machines.map((machine) => machine.name);
  if (names.includes(name)) return null;
  return { reason: `there is no node "${name}"`, help: suggestion(name, names, "node") };
}
