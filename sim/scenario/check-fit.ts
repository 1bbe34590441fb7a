import type { Timestamp } from "../../core/base/time.ts";
import { meetsConstraints, parseConstraint } from "../../core/model/constraint.ts";
import { unstored } from "../../core/model/meta.ts";
import type { Node } from "../../core/model/node.ts";
import { meetsPlatforms } from "../../core/model/platform.ts";
import { fits, type Resources } from "../../core/model/resources.ts";
import { isOnEveryNode, type ServiceSpec } from "../../core/model/service.ts";
import type { TaskSpec } from "../../core/model/task-spec.ts";
import { atOnce } from "../liveness/wanted.ts";
import type { PlannedMachine } from "../world/plan.ts";
import { type Complaint, listed } from "./check-problem.ts";

/**
 * Finds services that can't be placed even when every node is up and empty. It objects only to
 * what is certain: where it says nothing, the tasks may still not fit.
 */

/** Why the tasks of `spec` do not all fit the cluster, had they it for themselves; or null. */
export function misfit(spec: ServiceSpec, machines: readonly PlannedMachine[]): Complaint | null {
  const { task } = spec;
  const eligible = eligibleFor(task, machines);
  const replicas = plannedTasks(spec, machines);
  if (replicas === 0 && !isOnEveryNode(spec)) return null;
  if (eligible.length === 0) return noneEligible(task, machines);
  const wanted = task.reservations;
  if (isOnEveryNode(spec)) return misfitOfOne(wanted, eligible);
  if (!eligible.some(({ description }) => fits(wanted, description.resources))) {
    const reason = `a task reserves ${amount(wanted)}, more than any node that it may run on has`;
    return { reason, help: `reserve less; the nodes have ${listed(sizes(eligible), "or")}` };
  }
  const room = eligible.reduce((sum, machine) => sum + tasksOn(machine, wanted), 0);
  if (room >= replicas) return null;
  const each = `${replicas} tasks of ${amount(wanted)} each`;
  const reason = `${each} do not fit: there is room for ${room}`;
  return { reason, help: "plan fewer or smaller tasks, or more nodes that they may run on" };
}

/** How many tasks run at once, were every node up. */
export function plannedTasks(spec: ServiceSpec, machines: readonly PlannedMachine[]): number {
  return isOnEveryNode(spec) ? eligibleFor(spec.task, machines).length : atOnce(spec, []);
}

function misfitOfOne(wanted: Resources, eligible: readonly PlannedMachine[]): Complaint | null {
  const small = eligible.find(({ description }) => !fits(wanted, description.resources));
  if (small === undefined) return null;
  const reason = `a task reserves ${amount(wanted)}, more than ${small.name} has`;
  return { reason, help: "reserve less, or constrain the service to the nodes that have so much" };
}

/**
 * Why these services do not fit the cluster together, although each does alone; or null. Given the
 * name of the one that has changed, it is only asked whether that one is the last straw.
 */
export function misfitTogether(
  specs: readonly ServiceSpec[],
  machines: readonly PlannedMachine[],
  name: string | null,
): Complaint | null {
  const placed = specs.map((spec) => ({ spec, on: eligibleFor(spec.task, machines) }));
  for (const { on } of placed) {
    const nodes = new Set(on);
    const bound = placed.filter((other) => other.on.every((machine) => nodes.has(machine)));
    if (name !== null && !bound.some(({ spec }) => spec.name === name)) continue;
    const needed = total(
      bound.map(({ spec }) => times(spec.task.reservations, plannedTasks(spec, machines))),
    );
    const there = total(on.map(({ description }) => description.resources));
    if (fits(needed, there)) continue;
    const names = listed(bound.map(({ spec }) => `"${spec.name}"`));
    const room = `there is ${amount(there)} for them`;
    const reason = `${names} together reserve ${amount(needed)}; ${room}`;
    return { reason, help: "plan fewer or smaller tasks, or more nodes that they may run on" };
  }
  return null;
}

function noneEligible({ placement }: TaskSpec, machines: readonly PlannedMachine[]): Complaint {
  const { constraints, platforms } = placement;
  if (!machines.some(({ description }) => meetsPlatforms(description.platform, platforms))) {
    const wanted = listed(
      platforms.map(({ os, architecture }) => `${os}/${architecture}`),
      "or",
    );
    return { reason: `no node is of ${wanted}`, help: "change the platforms, or plan such a node" };
  }
  const alone = constraints.find((text) => !machines.some((each) => isEligible(each, [text])));
  const named = alone === undefined ? listed(constraints.map((text) => `"${text}"`)) : `"${alone}"`;
  const help = "change the constraint, or give some node what it asks for";
  return { reason: `no node meets ${named}`, help };
}

function eligibleFor(
  { placement }: TaskSpec,
  machines: readonly PlannedMachine[],
): PlannedMachine[] {
  return machines.filter(
    (machine) =>
      isEligible(machine, placement.constraints) &&
      meetsPlatforms(machine.description.platform, placement.platforms),
  );
}

/**
 * A node's id is only known once it runs, and its labels are given by steps, so that a constraint
 * on those may always be met.
 */
function isEligible(machine: PlannedMachine, constraints: readonly string[]): boolean {
  const known = constraints.filter((text) => {
    const parsed = parseConstraint(text);
    return !("key" in parsed) || !/^node\.(id$|labels\.)/i.test(parsed.key);
  });
  return meetsConstraints(nodeOf(machine), known);
}

function nodeOf({ name, role, description }: PlannedMachine): Node {
  return {
    kind: "node",
    id: name,
    meta: unstored,
    spec: { availability: "active", labels: new Map(), desiredRole: role },
    description,
    status: { state: "ready", message: "", downSince: null },
    availableSince: 0 as Timestamp,
    role,
    raftId: role === "manager" ? name : null,
    certificate: null,
  };
}

function tasksOn({ description }: PlannedMachine, wanted: Resources): number {
  const { nanoCpus, memoryBytes } = description.resources;
  const byCpu = wanted.nanoCpus === 0 ? Infinity : Math.floor(nanoCpus / wanted.nanoCpus);
  const byMemory =
    wanted.memoryBytes === 0 ? Infinity : Math.floor(memoryBytes / wanted.memoryBytes);
  return Math.min(byCpu, byMemory);
}

function total(amounts: readonly Resources[]): Resources {
  return amounts.reduce(
    (sum, each) => ({
      nanoCpus: sum.nanoCpus + each.nanoCpus,
      memoryBytes: sum.memoryBytes + each.memoryBytes,
    }),
    { nanoCpus: 0, memoryBytes: 0 },
  );
}

function times({ nanoCpus, memoryBytes }: Resources, count: number): Resources {
  return { nanoCpus: nanoCpus * count, memoryBytes: memoryBytes * count };
}

function sizes(machines: readonly PlannedMachine[]): string[] {
  return [...new Set(machines.map(({ description }) => amount(description.resources)))];
}

/** `2 cpus and 512MiB`. */
function amount({ nanoCpus, memoryBytes }: Resources): string {
  const cpus = nanoCpus / 1e9;
  const parts = nanoCpus > 0 ? [cpus === 1 ? "1 cpu" : `${cpus} cpus`] : [];
  if (memoryBytes > 0) parts.push(bytes(memoryBytes));
  return parts.length === 0 ? "nothing" : parts.join(" and ");
}

function bytes(count: number): string {
  const mebibyte = 1024 * 1024;
  const gibibyte = 1024 * mebibyte;
  if (count >= gibibyte) return `${Number((count / gibibyte).toFixed(2))}GiB`;
  if (count >= mebibyte) return `${Number((count / mebibyte).toFixed(2))}MiB`;
  return `${Number((count / 1024).toFixed(2))}KiB`;
}
