import type { Random } from "../core/base/random.ts";
import { meetsConstraints } from "../core/model/constraint.ts";
import { fits } from "../core/model/resources.ts";
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

/** True when every service fits on these machines by placing each task where it first fits. */
export function hasRoom(hosts: readonly Host[], view: StoreView): boolean {
  const free = new Map(hosts.map((host) => [host.name, host.config.description.resources]));
  const services = [...view.services.values()].sort(mostConstrainedFirst);
  return services.every((service) => place(service, view, free));
}

type Free = Map<string, { readonly nanoCpus: number; readonly memoryBytes: number }>;

function place(service: Service, view: StoreView, free: Free): boolean {
  const { reservations, constraints } = service.spec.task;
  for (let task = 0; task < service.spec.mode.replicas; task += 1) {
    const room = [...free].find(([name, left]) => {
      const node = view.nodes.get(name);
      if (node === undefined || node.spec.availability !== "active") return false;
      return fits(reservations, left) && meetsConstraints(node, constraints);
    });
    if (room === undefined) return false;
    const [name, left] = room;
    const nanoCpus = left.nanoCpus - reservations.nanoCpus;
    free.set(name, { nanoCpus, memoryBytes: left.memoryBytes - reservations.memoryBytes });
  }
  return true;
}

function mostConstrainedFirst(left: Service, right: Service): number {
  return right.spec.task.constraints.length - left.spec.task.constraints.length;
}
