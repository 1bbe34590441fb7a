import { sortedById } from "../../core/base/order.ts";
import { takesTasks } from "../../core/model/node.ts";
import type { Task } from "../../core/model/task.ts";
import type { ServiceReport } from "../result.ts";
import type { Expectation, Goal } from "../scenario/dsl.ts";
import { span } from "../scenario/units.ts";
import type { History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { leaderOf } from "../world/selectors.ts";
import type { Availability } from "./availability.ts";
import { completions } from "./settled-service.ts";
import { isMeantFor } from "./wanted.ts";

/** What an expectation may see. */
export interface ExpectedWorld {
  readonly hosts: readonly Host[];
  readonly history: History;
  readonly availability: Availability;
}

/** Why a goal is not reached at this moment, or null when it is. */
export function goalProblem(world: ExpectedWorld, goal: Goal): string | null {
  switch (goal.goal) {
    case "running": {
      const count = world.availability.running(goal.service);
      return count === goal.count ? null : `${goal.service} runs ${count} of ${goal.count} tasks`;
    }
    case "at-least": {
      const count = world.availability.running(goal.service);
      return count >= goal.count ? null : `${goal.service} runs ${count}, not ${goal.count} tasks`;
    }
    case "completed": {
      const service = world.history.view.named("service", goal.service);
      if (service === undefined) return `${goal.service} does not exist`;
      const tasks = world.history.view.tasksOfService(service.id).values();
      const count = completions(service, tasks).size;
      return count === goal.count ? null : `${goal.service} completed ${count} of ${goal.count}`;
    }
    case "balanced":
      return unevenness(world, goal.service);
    case "image":
      return imageProblem(world, goal.service, goal.image);
    case "has-secret":
      return secretProblem(world, goal.service, goal.secret);
    case "removed":
      return world.history.view.named("service", goal.service) === undefined
        ? null
        : `${goal.service} is still there`;
    case "empty": {
      const host = world.hosts.find((each) => each.name === goal.node);
      const running = host?.executor.existing().filter(({ state }) => state === "running") ?? [];
      return running.length === 0 ? null : `${running.length} containers run on ${goal.node}`;
    }
    case "role":
      return roleProblem(world, goal.node, goal.role);
  }
}

/** True when an `always` goal counts: from the moment at which the service first had all tasks. */
export function hasBegun(world: ExpectedWorld, goal: Goal): boolean {
  return (
    !("service" in goal) || goal.goal === "removed" || world.availability.wasFull(goal.service)
  );
}

/** Which bound on a service's availability was not kept, or null. */
export function brokenBound(
  expectation: Extract<Expectation, { expect: "availability" }>,
  report: ServiceReport | undefined,
): string | null {
  const { service, lowest, below, starts } = expectation;
  if (report === undefined || report.lowestRunning === null) return `${service} never ran in full`;
  if (lowest !== undefined && report.lowestRunning < lowest) {
    return `${service} ran only ${report.lowestRunning} tasks; at least ${lowest} are expected`;
  }
  if (starts !== undefined && report.starts > starts) {
    return `${service} started ${report.starts} containers anew; at most ${starts} are expected`;
  }
  if (below !== undefined && report.secondsBelow * 1e6 > span(below)) {
    return `${service} was short for ${report.secondsBelow} s; at most ${below} is expected`;
  }
  return null;
}

function unevenness({ history }: ExpectedWorld, name: string): string | null {
  const { view } = history;
  const service = view.named("service", name);
  if (service === undefined) return `${name} does not exist`;
  const places = sortedById(view.nodes.values()).filter(
    (node) => takesTasks(node) && isMeantFor(service.spec.task, node),
  );
  const counts = places.map(({ id }) => view.loadOf(id).activeTasksByService.get(service.id) ?? 0);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (most - least <= 1) return null;
  const of = (count: number) => places[counts.indexOf(count)]?.id;
  return `${of(most)} runs ${most} tasks of ${name}, and ${of(least)} runs ${least}`;
}

function imageProblem(world: ExpectedWorld, name: string, wanted: string): string | null {
  return problemOfRunning(world, name, ({ spec }) => {
    const { image } = spec.container;
    return image === wanted ? null : `runs ${image}`;
  });
}

function secretProblem(world: ExpectedWorld, name: string, wanted: string): string | null {
  return problemOfRunning(world, name, ({ spec }) => {
    const names = spec.container.secrets.map((secret) => secret.name);
    return names.includes(wanted) ? null : `runs without the secret ${wanted}`;
  });
}

/** What `problemOf` says of a task of the service whose container really runs, if anything. */
function problemOfRunning(
  { hosts, history }: ExpectedWorld,
  name: string,
  problemOf: (task: Task) => string | null,
): string | null {
  const service = history.view.named("service", name);
  if (service === undefined) return `${name} does not exist`;
  const tasks = history.view.tasksOfService(service.id);
  for (const host of hosts) {
    for (const { task: id, state } of host.executor.existing()) {
      const task = state === "running" ? tasks.get(id) : undefined;
      const problem = task === undefined ? null : problemOf(task);
      if (problem !== null) return `${name} ${problem} on ${host.name}`;
    }
  }
  return null;
}

function roleProblem(
  { hosts, history }: ExpectedWorld,
  name: string,
  wanted: "manager" | "worker" | "none",
): string | null {
  const node = history.view.nodes.get(name);
  if (wanted === "none") return node === undefined ? null : `${name} is still there`;
  if (node?.role !== wanted) return `${name} is ${node?.role ?? "unknown"}, not ${wanted}`;
  const host = hosts.find((each) => each.name === name);
  const isSure = host?.state !== "up" || host.isManager === (wanted === "manager");
  if (!isSure) return `${name} does not know that it is a ${wanted}`;
  if (wanted === "worker") return null;
  const voters = leaderOf(hosts)?.raft?.membership.voters ?? [];
  return voters.includes(node.raftId ?? "") ? null : `${name} does not vote`;
}
