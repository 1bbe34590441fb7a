import type { Random } from "../../core/base/random.ts";
import type { Resources } from "../../core/model/resources.ts";
import { isOnEveryNode, type ServiceSpec } from "../../core/model/service.ts";
import type { TaskSpec } from "../../core/model/task-spec.ts";
import type { StoreView } from "../../core/store/view.ts";
import type { Host } from "../world/host.ts";
import { areQuorum } from "../world/memberships.ts";
import { amountOf, atOnce, isMeantFor } from "./wanted.ts";

/**
 * Chooses the machines that are healed for good after the last fault: a majority of the managers,
 * and others until there is room for every service, were it scaled to `replicasMost` by a command
 * that is still on its way. The rest may stay as bad as it is. `managers` are those of `all` that
 * start; all of them are taken where somebody's old log names too many that are managers no longer.
 */
export function chooseCore(
  all: readonly Host[],
  managers: readonly Host[],
  workers: readonly Host[],
  view: StoreView,
  replicasMost: number,
  random: Random,
): Host[] {
  const chosen = random.shuffled(managers);
  const enough = chosen.findIndex((_, at) => areQuorum(chosen.slice(0, at + 1), all)) + 1;
  const least = enough === 0 ? managers.length : enough;
  const core = chosen.splice(0, random.between(least, managers.length));
  const spare = random.shuffled([...workers, ...chosen]);
  const wanted = core.length + random.below(workers.length + 1);
  while (spare.length > 0 && (core.length < wanted || !hasRoom(core, view, replicasMost))) {
    core.push(spare.shift() as Host);
  }
  return core;
}

/**
 * True when every service is sure to fit on these machines, wherever the scheduler puts the tasks
 * of the others: nothing is ever moved to make room. What must be near others, or must not, never
 * is, nor what reserves more of a kind of resource than the machines have together.
 */
export function hasRoom(hosts: readonly Host[], view: StoreView, replicasMost: number): boolean {
  const services = [...view.services.values()].map(({ spec }) => demand(spec, replicasMost));
  if (services.some(({ task }) => isChoosy(task))) return false;
  return services.every((service) => {
    const others = services.filter((other) => other !== service);
    if (!hasGeneric(services, hosts)) return false;
    const machines = eligible(service.task, hosts, view);
    if (service.replicas !== null) return hasRoomFor(service, others, machines);
    return machines.every((machine) => hasRoomFor(service, others, [machine]));
  });
}

/** Each machine may be left with a rest that is too small; this many for each task are spare. */
function hasGeneric(services: readonly Demand[], hosts: readonly Host[]): boolean {
  const wanted = new Map<string, number>();
  for (const { task, replicas } of services) {
    for (const [kind, count] of task.genericReservations) {
      wanted.set(kind, (wanted.get(kind) ?? 0) + (replicas ?? hosts.length) * count);
    }
  }
  const amountOn =
    (kind: string) =>
    ({ config }: Host) =>
      amountOf(config.description.genericResources.get(kind));
  return [...wanted].every(
    ([kind, count]) => hosts.map(amountOn(kind)).reduce((sum, each) => sum + each, 0) >= count,
  );
}

function isChoosy({ placement }: TaskSpec): boolean {
  return placement.affinity.length + placement.antiAffinity.length > 0;
}

/** What a service may come to take. */
interface Demand {
  /** Null: one on each machine. */
  readonly replicas: number | null;
  readonly each: Resources;
  readonly task: TaskSpec;
}

function demand(spec: ServiceSpec, replicasMost: number): Demand {
  const { task } = spec;
  const each = task.reservations;
  if (isOnEveryNode(spec)) return { replicas: null, each, task };
  const { mode } = spec;
  const most =
    mode.kind === "replicated-job" ? Math.min(mode.maxConcurrent, replicasMost) : replicasMost;
  return { replicas: Math.max(atOnce(spec, []), most), each, task };
}

function eligible(task: TaskSpec, hosts: readonly Host[], view: StoreView): Resources[] {
  return hosts.flatMap(({ name, config }) => {
    const node = view.nodes.get(name);
    if (node === undefined || node.spec.availability !== "active") return [];
    return isMeantFor(task, node) ? [config.description.resources] : [];
  });
}

/** Each machine may be left with a rest that is just too small for one task. */
function hasRoomFor(
  service: Demand,
  others: readonly Demand[],
  machines: readonly Resources[],
): boolean {
  const replicas = service.replicas ?? machines.length;
  if (machines.length === 0) return replicas === 0;
  return amounts.every((amount) => {
    const room = machines.reduce((sum, machine) => sum + machine[amount], 0);
    const taken = others.reduce(
      (sum, other) => sum + (other.replicas ?? machines.length) * other.each[amount],
      0,
    );
    const rests = machines.length * service.each[amount];
    return room - taken - rests >= replicas * service.each[amount];
  });
}

const amounts = ["nanoCpus", "memoryBytes"] as const;
