import type { Planted } from "../base/planted.ts";
import { hostPortKeys } from "../model/claims.ts";
import { constraintCheck } from "../model/constraint.ts";
import { type Node, takesTasks } from "../model/node.ts";
import { meetsPlatforms } from "../model/platform.ts";
import { hasLogDriver, hasVolumeDriver } from "../model/plugin.ts";
import { logDriverOf, type Task } from "../model/task.ts";
import type { StoreView } from "../store/view.ts";
import { type Candidate, countIn, freeIds } from "./candidate.ts";

/** Whether one node can take a certain task, as far as one filter goes. */
export type Check = (candidate: Candidate, node: Node) => boolean;

/** What filters read besides the node. */
export interface FilterContext {
  readonly view: StoreView;
  /** Volumes that this turn has bound to nodes, by id. */
  readonly bound: ReadonlyMap<string, string>;
  readonly planted: Planted;
}

/** One reason for which a node can't take a task; it explains itself (SwarmKit `filter.go`). */
export interface Filter {
  /** Null: the filter does not concern this task. */
  readonly prepare: (task: Task, context: FilterContext) => Check | null;
  readonly explain: (nodes: number) => string;
}

/** Those that treat tasks of one spec alike, whatever their service; in SwarmKit's order. */
export const nodeFilters: readonly Filter[] = [
  {
    prepare: (_task, { planted }) => (planted === "S06" ? null : isReady),
    explain: (nodes) => `${countOf(nodes)} not available for new tasks`,
  },
  {
    prepare: resources,
    explain: (nodes) => `insufficient resources on ${countOf(nodes)}`,
  },
  {
    prepare: plugins,
    explain: (nodes) => `missing plugin on ${countOf(nodes)}`,
  },
  {
    prepare: constraints,
    explain: (nodes) => `scheduling constraints not satisfied on ${countOf(nodes)}`,
  },
  {
    prepare: platforms,
    explain: (nodes) => `unsupported platform on ${countOf(nodes)}`,
  },
  {
    prepare: hostPorts,
    explain: (nodes) => `host-mode port already in use on ${countOf(nodes)}`,
  },
];

export function countOf(nodes: number): string {
  return nodes === 1 ? "1 node" : `${nodes} nodes`;
}

function isReady(_candidate: Candidate, node: Node): boolean {
  return takesTasks(node);
}

/** A task that reserves nothing runs on a node too that has shrunk below what it runs. */
function resources({ spec }: Task, { planted }: FilterContext): Check | null {
  const { nanoCpus, memoryBytes } = spec.reservations;
  const generic = [...spec.genericReservations];
  if (nanoCpus === 0 && memoryBytes === 0 && generic.length === 0) return null;
  return (candidate, { description }) => {
    const { load, planned } = candidate;
    const total = description.resources;
    return (
      load.nanoCpus + planned.nanoCpus + nanoCpus <= total.nanoCpus &&
      load.memoryBytes + planned.memoryBytes + memoryBytes <= total.memoryBytes &&
      (planted === "S09" ||
        generic.every(([kind, count]) => hasGeneric(candidate, description, kind, count)))
    );
  };
}

function hasGeneric(
  candidate: Candidate,
  { genericResources }: Node["description"],
  kind: string,
  count: number,
): boolean {
  const has = genericResources.get(kind);
  if (has === undefined) return count === 0;
  if (has.kind === "named") return freeIds(candidate, kind).length >= count;
  return countIn(candidate, "generic", kind) + count <= has.count;
}

function plugins(task: Task): Check | null {
  const drivers = volumeDrivers(task.spec.container);
  const logDriver = logDriverOf(task);
  if (drivers.length === 0 && logDriver === null) return null;
  return (_candidate, node) =>
    drivers.every((driver) => hasVolumeDriver(node, driver)) && hasLogDriver(node, logDriver);
}

/** The drivers that the task's own volumes name, except for `local`. */
export function volumeDrivers({ mounts }: Task["spec"]["container"]): string[] {
  return mounts.flatMap(({ kind, driver = "local" }) =>
    kind === "volume" && driver !== "local" ? [driver] : [],
  );
}

function constraints({ spec }: Task, { planted }: FilterContext): Check | null {
  if (spec.placement.constraints.length === 0 || planted === "S11") return null;
  const check = constraintCheck(spec.placement.constraints, planted);
  return (_candidate, node) => check(node);
}

function platforms({ spec }: Task): Check | null {
  const wanted = spec.placement.platforms;
  if (wanted.length === 0) return null;
  return (_candidate, { description }) => meetsPlatforms(description.platform, wanted);
}

function hostPorts({ ports }: Task, { planted }: FilterContext): Check | null {
  const keys = hostPortKeys(ports);
  if (keys.length === 0 || planted === "S13") return null;
  return (candidate) => keys.every((key) => countIn(candidate, "hostPorts", key) === 0);
}
