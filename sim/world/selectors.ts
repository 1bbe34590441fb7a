import type { Random } from "../../core/base/random.ts";
import type { Selector } from "../scenario/dsl.ts";
import type { Host } from "./host.ts";

/** The nodes that can be selected, and where they stand. */
export interface Selectable {
  readonly hosts: readonly Host[];
  readonly managers: readonly Host[];
  /** The hosts by name. */
  readonly named: ReadonlyMap<string, Host>;
  readonly zones: ReadonlyMap<string, string | null>;
}

/** The nodes that a selector names at this moment; none when there is no leader to be found. */
export function select(world: Selectable, selector: Selector, random: Random): Host[] {
  const { hosts, zones } = world;
  if (selector.startsWith("zone:")) {
    const zone = selector.slice("zone:".length);
    return hosts.filter((host) => zones.get(host.name) === zone);
  }
  switch (selector) {
    case "leader":
      return selectLeader(world);
    case "followers":
      return followersIn(world);
    case "a follower":
      return oneOf(followersIn(world), random);
    case "managers":
      return [...world.managers];
    case "workers":
      return hosts.filter((host) => !host.isManager);
    case "a worker":
      return oneOf(
        hosts.filter((host) => !host.isManager),
        random,
      );
    case "all":
      return [...hosts];
    default: {
      const host = world.named.get(selector);
      return host === undefined ? [] : [host];
    }
  }
}

function selectLeader({ managers }: Selectable): Host[] {
  const leader = leaderOf(managers);
  return leader === null ? [] : [leader];
}

function followersIn({ managers }: Selectable): Host[] {
  const leader = leaderOf(managers);
  return managers.filter((host) => host !== leader);
}

/** The leader of the highest term: the one that matters when a deposed one does not know yet. */
export function leaderOf(managers: readonly Host[]): Host | null {
  let leader: Host | null = null;
  let term = -1;
  for (const host of managers) {
    const raft = host.node?.member?.raft;
    if (raft === undefined || raft.role !== "leader" || raft.term <= term) continue;
    leader = host;
    term = raft.term;
  }
  return leader;
}

function oneOf(hosts: readonly Host[], random: Random): Host[] {
  const up = hosts.filter((host) => host.state === "up");
  return up.length === 0 ? [] : [random.pick(up)];
}
