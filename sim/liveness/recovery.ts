import { unreachable } from "../../core/base/assert.ts";
import type { Random } from "../../core/base/random.ts";
import type { StoreView } from "../../core/store/view.ts";
import type { Action } from "../scenario/dsl.ts";
import { replicasMost } from "../users/operator.ts";
import type { Host } from "../world/host.ts";
import { areQuorum } from "../world/memberships.ts";
import type { World } from "../world/world.ts";
import { chooseCore } from "./core-choice.ts";

/** How the machines are chosen that must recover, and by what draws. */
export interface CoreChoice {
  /** From `ScenarioPlan.core`; null when it says nothing. */
  readonly named: readonly string[] | null;
  readonly isChaos: boolean;
  readonly random: Random;
}

/** What must recover, and what was done to the cluster for it. */
interface Healed {
  readonly core: readonly Host[];
  readonly actions: readonly Action[];
}

/**
 * Heals what is needed after the last fault, and only that. After a script, everything that is up
 * belongs to the core, or what the scenario names. After chaos the core is drawn, and the rest is
 * bad for good: dead, hung, with a disk that takes nothing any more, with a container engine that
 * hangs, cut off, or able to speak but not to hear, or the other way round.
 */
export function healCore(world: World, { named, isChaos, random }: CoreChoice): Healed {
  const actions: Action[] = [];
  const act = (action: Action): void => {
    actions.push(action);
    world.faults.act(action);
  };
  const drawn = () => (isChaos ? acquainted(world, drawCore(world, random)) : standing(world));
  const core = named === null ? drawn() : withMajority(world, withWhole(world, named));
  if (named === null) act({ do: "heal" });
  else for (const host of core) mendLinks(world, host, core);
  world.faults.cease();
  act({ do: "unclog" });
  act({ do: "network", conditions: soundNetwork });
  if (!world.authorities.areSound) act({ do: "authority", name: "all", mood: "sound" });
  for (const host of core) {
    world.faults.repair(host);
    act({ do: "restart", nodes: host.name });
    act({ do: "resume", nodes: host.name });
  }
  if (isChaos && named === null) ruinAll(world, core, random, act);
  world.tell("heal", `no more faults: ${names(core).join(" ")} must recover`);
  return { core, actions };
}

/** How fast it is stays as it is. */
const soundNetwork = { loss: 0, duplicates: 0, reordering: 0, capacity: 0 };

/** Whatever cut them: a partition may also part them from machines that stay cut off. */
function mendLinks({ network }: World, from: Host, core: readonly Host[]): void {
  for (const to of core)
    while (network.isCut(from.number, to.number)) network.mend(from.number, to.number);
}

function drawCore(world: World, random: Random): Host[] {
  const { hosts, managers, history, operators } = world;
  const usable = managers.filter((host) => canStart(host, history.view));
  const others = hosts.filter((host) => !managers.includes(host));
  const workers = others.filter((host) => canStart(host, history.view));
  if (operators.some(({ creates }) => creates)) return upAgain(world);
  const replicas = operators.every(({ isIdle }) => isIdle) ? 0 : replicasMost;
  const drawn = chooseCore(managers, usable, workers, history.view, replicas, random);
  const rolesChange =
    operators.some(({ changesRoles }) => changesRoles) || isInFlux(history.view, managers);
  return hosts.filter((host) => drawn.includes(host) || (rolesChange && usable.includes(host)));
}

/**
 * These machines, and for each of them one that it knows and that is a manager, or knows one in
 * turn: a node that was away while all managers it has heard of were replaced finds nobody by
 * itself.
 */
function acquainted({ hosts, history: { view } }: World, drawn: readonly Host[]): Host[] {
  const isManager = ({ name }: Host) => (view.nodes.get(name)?.raftId ?? null) !== null;
  const usable = hosts.filter((host) => canStart(host, view));
  const near = introduced(usable, usable.filter(isManager));
  const core = new Set(drawn);
  for (const host of core) {
    const known = near.filter((other) => knows(host, other));
    const isAtHome = isManager(host) || known.some((other) => core.has(other) && isManager(other));
    if (!isAtHome && known[0] !== undefined) core.add(known[0]);
  }
  return hosts.filter((host) => core.has(host));
}

/** The managers, and who finds them by way of others: who needs fewer of these comes first. */
function introduced(hosts: readonly Host[], managers: readonly Host[]): Host[] {
  const near = [...managers];
  for (const known of near) {
    near.push(...hosts.filter((host) => !near.includes(host) && knows(host, known)));
  }
  return near;
}

function knows(host: Host, other: Host): boolean {
  return other !== host && knownTo(host).includes(other.name);
}

/** Whom it asks for the leader. */
export function knownTo({ node, disk, config }: Host): readonly string[] {
  const standing = node?.standing ?? disk.image.standing;
  return [...(standing?.managers ?? []), ...config.managers];
}

/** Everybody, where nobody can say what services there will be to find room for. */
function upAgain({ hosts, history }: World): Host[] {
  return hosts.filter((host) => canStart(host, history.view));
}

/**
 * Managers are about to leave, or to vote for the first time. Whoever is heard now may be the one
 * who makes that safe, so none of them goes for good just now: no cluster survives that.
 */
function isInFlux({ nodes }: StoreView, managers: readonly Host[]): boolean {
  const isLeaving = [...nodes.values()].some(
    ({ spec, raftId }) => raftId !== null && spec.desiredRole === "worker",
  );
  const isChanging = managers.some(
    ({ raft }) => raft?.changePending === true || (raft?.membership.learners.length ?? 0) > 0,
  );
  return isLeaving || isChanging;
}

function standing(world: World): Host[] {
  const isUp = (host: Host) => host.state === "up" || host.state === "paused";
  const up = world.hosts.filter((host) => isUp(host) || world.faults.comesBack(host));
  return withMajority(world, names(up));
}

/** These machines, and all that nothing is wrong with: tasks may be on them, and rightly so. */
function withWhole({ hosts, network }: World, named: readonly string[]): string[] {
  const core = hosts.filter(({ name }) => named.includes(name));
  const isCut = (one: Host, other: Host) =>
    network.isCut(one.number, other.number) || network.isCut(other.number, one.number);
  const whole = hosts.filter(
    (host) =>
      host.state === "up" && !host.executor.isHung && !core.some((other) => isCut(host, other)),
  );
  return names([...core, ...whole]);
}

/** These machines, and managers besides if there is no majority without them. */
function withMajority(world: World, first: readonly string[]): Host[] {
  const { hosts, managers, history } = world;
  const usable = new Set(hosts.filter((host) => canStart(host, history.view)));
  const core = new Set(first.flatMap((name) => world.named.get(name) ?? []));
  for (const host of core) if (!usable.has(host)) core.delete(host);
  for (const manager of managers) {
    if (usable.has(manager) && !areQuorum([...core], managers)) core.add(manager);
  }
  return hosts.filter((host) => core.has(host));
}

/** One whose disk was wiped starts only where the cluster no longer counts on it as a manager. */
function canStart(host: Host, view: StoreView): boolean {
  if (isElsewhere(host)) return false;
  if (host.isWiped) return (view.nodes.get(host.name)?.raftId ?? null) === null;
  return !host.disk.isDamaged;
}

/** Its machine is another node. */
export function isElsewhere({ hasLeft, isUnborn }: Host): boolean {
  return hasLeft || isUnborn;
}

/**
 * What is bad for good about a machine. One whose engine hangs speaks to the core, and may even
 * lead it: who is cut off is cut off from that one as well.
 */
type Ruin = "dead" | "hung" | "disk" | "engine" | "cut" | "deaf" | "mute";

const ruins: readonly Ruin[] = ["dead", "hung", "disk", "engine", "cut", "mute", "deaf"];

function ruinAll(
  world: World,
  core: readonly Host[],
  random: Random,
  act: (action: Action) => void,
): void {
  const rest = world.hosts.filter((host) => !core.includes(host) && !isElsewhere(host));
  const drawn = new Map(rest.map((host) => [host, random.pick(ruins)]));
  const others = world.hosts.filter((host) => core.includes(host) || drawn.get(host) === "engine");
  for (const [host, what] of drawn) {
    for (const action of ruinsOf(host.name, what, names(others))) act(action);
    const isCut = what === "cut" || what === "deaf" || what === "mute";
    if (!isCut) world.faults.abandon(host);
  }
}

function ruinsOf(nodes: string, what: Ruin, others: readonly string[]): Action[] {
  const alone = [nodes];
  switch (what) {
    case "dead":
      return [{ do: "crash", nodes }];
    case "hung":
      return [{ do: "pause", nodes }];
    case "disk":
      return [
        { do: "disk", nodes, conditions: { failures: 100 } },
        { do: "kill", nodes },
        { do: "restart", nodes },
      ];
    case "engine":
      return [{ do: "hang-daemon", nodes }];
    case "cut":
      return [{ do: "partition", from: alone, to: others, oneWay: false }];
    case "mute":
      return [{ do: "partition", from: alone, to: others, oneWay: true }];
    case "deaf":
      return [{ do: "partition", from: others, to: alone, oneWay: true }];
    default:
      return unreachable(what);
  }
}

function names(hosts: readonly Host[]): string[] {
  return hosts.map((host) => host.name);
}
