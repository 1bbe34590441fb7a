import type { Random } from "../core/base/random.ts";
import type { StoreView } from "../core/store/view.ts";
import { chooseCore } from "./core-choice.ts";
import type { Host } from "./host.ts";
import { areQuorum } from "./memberships.ts";
import { replicasMost } from "./users.ts";
import type { World } from "./world.ts";

/**
 * Heals what is needed after the last fault, and only that. After a script, everything that is up
 * belongs to the core. After chaos the core is drawn, and the rest is bad for good: dead, cut off,
 * or able to speak but not to hear, or the other way round.
 */
export function healCore(world: World, isChaos: boolean, random: Random): Host[] {
  const core = isChaos ? drawCore(world, random) : standing(world);
  world.faults.heal();
  Object.assign(world.network.conditions, { lossPerMillion: 0, duplicatesPerMillion: 0 });
  for (const host of core) {
    world.faults.restart(host);
    world.faults.resume(host);
  }
  const rest = world.hosts.filter((host) => !core.includes(host));
  if (isChaos) for (const host of rest) ruin(world, host, core, random);
  const names = core.map((host) => host.name).join(" ");
  world.tell("heal", `no more faults: ${names} must recover`);
  return core;
}

function drawCore(world: World, random: Random): Host[] {
  const { hosts, managers, history, operators } = world;
  const usable = managers.filter((host) => host.state !== "refused");
  const workers = hosts.filter((host) => !managers.includes(host));
  const replicas = operators.every(({ isIdle }) => isIdle) ? 0 : replicasMost;
  const isCreating = operators.some(({ creates }) => creates);
  if (isCreating) return hosts.filter(({ state }) => state !== "refused");
  if (operators.some(({ changesRoles }) => changesRoles) || isInFlux(history.view, managers)) {
    const others = chooseCore(managers, usable, workers, history.view, replicas, random);
    return hosts.filter((host) => usable.includes(host) || others.includes(host));
  }
  const chosen = chooseCore(managers, usable, workers, history.view, replicas, random);
  return hosts.filter((host) => chosen.includes(host));
}

/**
 * Managers are about to leave. Whoever is heard now may be the one who makes that safe, so none of
 * them goes for good just now: no cluster survives that.
 */
function isInFlux({ nodes }: StoreView, managers: readonly Host[]): boolean {
  const isLeaving = [...nodes.values()].some(
    ({ spec, raftId }) => raftId !== null && spec.desiredRole === "worker",
  );
  return isLeaving || managers.some(({ raft }) => raft?.changePending === true);
}

/** What is up, and managers that the script left down if there is no majority without them. */
function standing({ hosts, managers }: World): Host[] {
  const core = new Set(hosts.filter((host) => host.state === "up" || host.state === "paused"));
  for (const manager of managers) {
    if (manager.state !== "refused" && !areQuorum([...core], managers)) core.add(manager);
  }
  return hosts.filter((host) => core.has(host));
}

function ruin(world: World, host: Host, core: readonly Host[], random: Random): void {
  switch (random.below(4)) {
    case 0:
      return world.faults.crash(host);
    case 1:
      return void world.faults.partition([host], core, false);
    case 2:
      return void world.faults.partition([host], core, true);
    default:
      return void world.faults.partition(core, [host], true);
  }
}
