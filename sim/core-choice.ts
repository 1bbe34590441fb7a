import type { Random } from "../core/base/random.ts";
import { meetsConstraints } from "../core/model/constraint.ts";
import type { Resources } from "../core/model/resources.ts";
import type { Service } from "../core/model/service.ts";
import type { StoreView } from "../core/store/view.ts";
import type { Host } from "./host.ts";
import { areQuorum } from "./memberships.ts";
import { replicasOf } from "./replicas.ts";

/**
 * Chooses the machines that are healed for good after the last fault: a majority of the managers,
 * and others until there is room for every service, were it scaled to `replicasMost` by a command
 * that is still on its way. The rest may stay as bad as it is. `managers` are those of `all` that
 * start.
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
  const least = chosen.findIndex((_, at) => areQuorum(chosen.slice(0, at + 1), all)) + 1;
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
 * of the others: nothing is ever moved to make room.
 */
function hasRoom(hosts: readonly Host[], view: StoreView, replicasMost: number): boolean {
  const services = [...view.services.values()].map((service) => demand(service, replicasMost));
  return services.every((service) => {
    const others = services.filter((other) => other !== service);
    return hasRoomFor(service, others, eligible(service.constraints, hosts, view));
  });
}

/** What a service may come to take. */
interface Demand {
  readonly replicas: number;
  readonly each: Resources;
  readonly constraints: readonly string[];
}

function demand({ spec }: Service, replicasMost: number): Demand {
  const { reservations } = spec.task;
  const { constraints } = spec.task.placement;
  const replicas = Math.max(replicasOf(spec.mode), replicasMost);
  return { replicas, each: reservations, constraints };
}

function eligible(
  constraints: readonly string[],
  hosts: readonly Host[],
  view: StoreView,
): Resources[] {
  return hosts.flatMap(({ name, config }) => {
    const node = view.nodes.get(name);
    if (node === undefined || node.spec.availability !== "active") return [];
    return meetsConstraints(node, constraints) ? [config.description.resources] : [];
  });
}

/** Each machine may be left with a rest that is just too small for one task. */
function hasRoomFor(
  service: Demand,
  others: readonly Demand[],
  machines: readonly Resources[],
): boolean {
  if (machines.length === 0) return service.replicas === 0;
  return amounts.every((amount) => {
    const room = machines.reduce((sum, machine) => sum + machine[amount], 0);
    const taken = others.reduce((sum, other) => sum + other.replicas * other.each[amount], 0);
    const rests = machines.length * service.each[amount];
    return room - taken - rests >= service.replicas * service.each[amount];
  });
}

const amounts = ["nanoCpus", "memoryBytes"] as const;
