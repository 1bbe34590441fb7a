import type { Random } from "../core/base/random.ts";
import type { Host } from "./host.ts";
import type { Selector } from "./scenario/dsl.ts";

/** The nodes that can be selected, and where they stand. */
export interface Selectable {
  readonly hosts: readonly Host[];
  readonly managers: readonly Host[];
  readonly zones: ReadonlyMap<string, string | null>;
}

/** The nodes that a selector names at this moment; none when there is no leader to be found. */
export function select(world: Selectable, selector: Selector, random: Random): Host[] {
  const { hosts, managers } = world;
  const leader = leaderOf(managers);
  const workers = hosts.filter((host) => !managers.includes(host));
  const followers = managers.filter((host) => host !== leader);
  if (selector.startsWith("zone:")) {
    const zone = selector.slice("zone:".length);
    return hosts.filter((host) => world.zones.get(host.name) === zone);
  }
  switch (selector) {
    case "leader":
      return leader === null ? [] : [leader];
    case "followers":
      return followers;
    case "a follower":
      return oneOf(followers, random);
    case "managers":
      return [...managers];
    case "workers":
      return workers;
    case "a worker":
      return oneOf(workers, random);
    case "all":
      return [...hosts];
    default:
      return hosts.filter((host) => host.name === selector);
  }
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
