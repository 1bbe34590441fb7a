import type { PlannedMachine } from "../world/plan.ts";
import { type Complaint, suggestion } from "./check-problem.ts";
import type { Selector } from "./dsl.ts";

/** The words that select nodes, and so can't be names of nodes. */
const words: readonly string[] = [
  ...["leader", "followers", "a follower", "managers", "workers", "a worker", "all"],
];

const reserved = new Set([...words, "rest", "follower", "manager", "worker"]);

/** True for a name that could be taken for a selector. */
export function isReserved(name: string): boolean {
  return reserved.has(name.toLowerCase());
}

/**
 * What a selector stands for, as far as that can be known before the run. A set is known node by
 * node; of the others it is only known from which nodes they are taken.
 */
export interface Selection {
  readonly kind: "set" | "leader" | "followers" | "one";
  readonly nodes: readonly string[];
}

export function selection(selector: Selector, machines: readonly PlannedMachine[]): Selection {
  const ofRole = (role: PlannedMachine["role"]) =>
    names(machines.filter((each) => each.role === role));
  switch (selector) {
    case "leader":
      return { kind: "leader", nodes: ofRole("manager") };
    case "followers":
      return { kind: "followers", nodes: ofRole("manager") };
    case "a follower":
      return { kind: "one", nodes: ofRole("manager") };
    case "managers":
      return { kind: "set", nodes: ofRole("manager") };
    case "workers":
      return { kind: "set", nodes: ofRole("worker") };
    case "a worker":
      return { kind: "one", nodes: ofRole("worker") };
    case "all":
      return { kind: "set", nodes: names(machines) };
    default:
      return { kind: "set", nodes: byName(selector, machines) };
  }
}

function byName(selector: string, machines: readonly PlannedMachine[]): string[] {
  const zone = /^zone:(.*)$/.exec(selector)?.[1];
  const matches = (each: PlannedMachine) =>
    zone === undefined ? each.name === selector : each.zone === zone;
  return names(machines.filter(matches));
}

/** Why a selector names no node; null when it names some. */
export function selectorComplaint(
  selector: Selector,
  machines: readonly PlannedMachine[],
): Complaint | null {
  const managers = machines.filter(({ role }) => role === "manager");
  if (/^(a )?followers?$/.test(selector) && managers.length === 1) {
    return { reason: "the only manager has no followers", help: `name it: "${managers[0]?.name}"` };
  }
  if (selection(selector, machines).nodes.length > 0) return null;
  if (selector === "workers" || selector === "a worker") {
    return { reason: "there are no workers", help: "plan some in topology.workers" };
  }
  if (selector === "rest") {
    return { reason: '"rest" is not a node', help: 'write "rest" alone, not in a list' };
  }
  if (selector.startsWith("zone:")) return zoneComplaint(selector, machines);
  const known = [...names(machines), ...words, ...zonesOf(machines).map((zone) => `zone:${zone}`)];
  return { reason: `there is no node "${selector}"`, help: suggestion(selector, known, "node") };
}

function zoneComplaint(selector: string, machines: readonly PlannedMachine[]): Complaint {
  const zone = selector.slice("zone:".length);
  const help = suggestion(zone, zonesOf(machines), "zone");
  return { reason: `no node is in zone "${zone}"`, help };
}

function zonesOf(machines: readonly PlannedMachine[]): string[] {
  return [...new Set(machines.flatMap(({ zone }) => (zone === null ? [] : [zone])))];
}

function names(machines: readonly PlannedMachine[]): string[] {
  return machines.map(({ name }) => name);
}

/** True when some node is on both sides, whoever leads and whichever nodes are drawn. */
export function certainOverlap(
  from: readonly Selection[],
  to: readonly Selection[],
  managers: readonly string[],
): boolean {
  return managers.every((leader) => {
    const left = sideOf(from, leader);
    const right = sideOf(to, leader);
    return sharesCertainly(left, right) || sharesCertainly(right, left);
  });
}

/** True when the selections take in every node, whoever leads. */
export function coversAll(
  from: readonly Selection[],
  machines: readonly PlannedMachine[],
  managers: readonly string[],
): boolean {
  return managers.every((leader) => {
    const { certain } = sideOf(from, leader);
    return machines.every(({ name }) => certain.has(name));
  });
}

/** One side of a partition under a given leader. */
interface Side {
  readonly certain: ReadonlySet<string>;
  /** Of each of these, one node is taken. */
  readonly choices: readonly (readonly string[])[];
}

function sideOf(selections: readonly Selection[], leader: string): Side {
  const certain = new Set<string>();
  const choices: (readonly string[])[] = [];
  for (const { kind, nodes } of selections) {
    const pool = nodes.filter((node) => kind === "set" || node !== leader);
    if (kind === "leader") certain.add(leader);
    else if (kind === "one" && pool.length > 1) choices.push(pool);
    else for (const node of pool) certain.add(node);
  }
  return { certain, choices };
}

/** A certain node of `left`, or any that may be drawn for it, is a certain one of `right`. */
function sharesCertainly(left: Side, right: Side): boolean {
  return (
    [...left.certain].some((node) => right.certain.has(node)) ||
    left.choices.some((pool) => pool.every((node) => right.certain.has(node)))
  );
}
