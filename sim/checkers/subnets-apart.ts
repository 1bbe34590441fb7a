import type { Network } from "../../core/model/network.ts";
import { isTerminal } from "../../core/model/task-state.ts";
import type { StoreView } from "../../core/store/view.ts";
import type { Commit, History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { type AddressRange, addressRange } from "./address-range.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/** What there is of a network, also once it was removed, while a task is still in it. */
type KnownNetwork = Pick<Network, "id" | "spec" | "overlay">;

/**
 * A new network has no address and no number that another one has, as one node may have tasks in
 * both. Its subnet is the one that its user gave, or one of the cluster's pools.
 */
export class SubnetsApart implements Checker {
  readonly name = "subnets-apart";
  readonly source = "Docker libnetwork ipam: pools don't overlap; RFC 7348: a segment has its VNI";
  checks = 0;
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
  }

  committed({ events, host }: Commit): void {
    for (const { kind, previous, current } of events) {
      if (kind === "network" && previous === null && current !== null) this.#check(host, current);
    }
  }

  #check(host: Host, network: Network): void {
    this.checks += 1;
    const { view } = this.#history;
    const known = [...othersIn(view, network.id)];
    const other = known.find((each) => clash(network, each));
    const problem =
      other === undefined ? subnetProblem(view, network) : `clashes with ${textOf(other)}`;
    if (problem === null) return;
    throw new BrokenInvariant(this.name, host.name, `the network ${textOf(network)} ${problem}`);
  }
}

function* othersIn({ networks, tasks }: StoreView, id: string): Iterable<KnownNetwork> {
  for (const network of networks.values()) if (network.id !== id) yield network;
  for (const task of tasks.values()) {
    if (isTerminal(task.status.state)) continue;
    for (const network of task.networks) if (network.id !== id) yield network;
  }
}

/** A bridge has the addresses that its user gave; without any each node's engine chooses some. */
function subnetsOf({ spec, overlay }: KnownNetwork): string[] {
  return overlay === null ? spec.subnets.map(({ subnet }) => subnet) : [overlay.subnet];
}

function rangesOf(network: KnownNetwork): AddressRange[] {
  return subnetsOf(network)
    .map(addressRange)
    .filter((range) => range !== null);
}

function clash(left: KnownNetwork, right: KnownNetwork): boolean {
  if (left.overlay !== null && left.overlay.vni === right.overlay?.vni) return true;
  const others = rangesOf(right);
  return rangesOf(left).some(({ first, last }) =>
    others.some((other) => first <= other.last && other.first <= last),
  );
}

function subnetProblem({ cluster }: StoreView, { spec, overlay }: Network): string | null {
  if (overlay === null || cluster === null) return null;
  const range = addressRange(overlay.subnet);
  const gateway = addressRange(`${overlay.gateway}/32`);
  if (range === null || gateway === null) return "has no addresses";
  if (gateway.first <= range.first || gateway.last >= range.last) return "has a gateway elsewhere";
  const [asked] = spec.subnets;
  const { defaultAddressPool, subnetSize } = cluster.overlays;
  const pools = asked === undefined ? defaultAddressPool : [asked.subnet];
  const isWithin = pools.map(addressRange).some((pool) => pool !== null && isIn(pool, range));
  if (!isWithin) return `is none of ${pools.join(", ")}`;
  const size = asked === undefined ? `${subnetSize}` : asked.subnet.split("/")[1];
  return overlay.subnet.endsWith(`/${size}`) ? null : `has no prefix of ${size} bits`;
}

function isIn(whole: AddressRange, part: AddressRange): boolean {
  return part.first >= whole.first && part.last <= whole.last;
}

function textOf(network: KnownNetwork): string {
  return `${network.spec.name} (${subnetsOf(network).join(", ")})`;
}
