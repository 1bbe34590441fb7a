import type { Random } from "../core/base/random.ts";
import { meetsConstraints } from "../core/model/constraint.ts";
import type { Resources } from "../core/model/resources.ts";
import type { Service } from "../core/model/service.ts";
import type { StoreView } from "../core/store/view.ts";
import type { Host } from "./host.ts";

/**
 * Chooses the machines that are healed for good after the last fault: a majority of the managers,
 * and as few others as there is room for every service on. The rest may stay as bad as it is.
 */
export function chooseCore(
  managers: readonly Host[],
  workers: readonly Host[],
  view: StoreView,
  random: Random,
): Host[] {
  const majority = Math.floor(managers.length / 2) + 1;
  const chosen = random.shuffled(managers);
  const core = chosen.splice(0, random.between(majority, managers.length));
  const spare = random.shuffled([...workers, ...chosen]);
  const wanted = core.length + random.below(workers.length + 1);
  while (spare.length > 0 && (core.length < wanted || !hasRoom(core, view))) {
    core.push(spare.shift() as Host);
  }
  return core;
}

/**
 * True when every service is sure to fit on these machines, wherever the scheduler puts the tasks
 * of the others: nothing is ever moved to make room.
 */
function hasRoom(hosts: readonly Host[], view: StoreView): boolean {
  const services = [...view.services.values()];
  return services.every((service) => {
    const others = services.filter((other) => other !== service);
    return hasRoomFor(service, others, eligible(service, hosts, view));
  });
}

function eligible(service: Service, hosts: readonly Host[], view: StoreView): Resources[] {
  const { constraints } = service.spec.task;
  return hosts.flatMap(({ name, config }) => {
    const node = view.nodes.get(name);
    if (node === undefined || node.spec.availability !== "active") return [];
    return meetsConstraints(node, constraints) ? [config.description.resources] : [];
  });
}

/** Each machine may be left with a rest that is just too small for one task. */
function hasRoomFor(
  service: Service,
  others: readonly Service[],
  machines: readonly Resources[],
): boolean {
  if (machines.length === 0) return service.spec.mode.replicas === 0;
  return amounts.every((amount) => {
    const room = machines.reduce((sum, machine) => sum + machine[amount], 0);
    const taken = others.reduce((sum, other) => sum + reserved(other, amount), 0);
    const rests = machines.length * service.spec.task.reservations[amount];
    return room - taken - rests >= reserved(service, amount);
  });
}

const amounts = ["nanoCpus", "memoryBytes"] as const;

function reserved({ spec }: Service, amount: keyof Resources): number {
  return spec.mode.replicas * spec.task.reservations[amount];
}
