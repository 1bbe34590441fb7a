import { found } from "../base/gather.ts";
import type { Planted } from "../base/planted.ts";
import {
  type Block,
  blockText,
  freeBlock,
  ipv4Text,
  lastOf,
  overlaps,
  parseBlock,
  parseIpv4,
} from "../model/ipv4.ts";
import { speaks } from "../model/level.ts";
import type { IpamConfig, NetworkSpec } from "../model/network.ts";
import {
  defaultOverlaySettings,
  holdsAddresses,
  type Overlay,
  overlayPlaces,
  vniOption,
} from "../model/overlay.ts";
import { invalidArgument, type Rejection, rejection } from "../model/rejection.ts";
import type { StoreView } from "../store/view.ts";

/** SwarmKit begins with 4097; a packet has 24 bits for it. */
const vnis = { first: 4097, last: 0xff_ffff } as const;
/** A subnet has its own address, the gateway's, one task's, and the one that means all of them. */
const prefixMost = 30;

/** The numbers and the subnets that may not be given again. */
interface Taken {
  readonly vnis: Set<number>;
  readonly blocks: Block[];
  /** Of these those whose network was removed, while tasks have yet to stop. */
  readonly leaving: Set<Block>;
}

/**
 * What a new network is between the nodes. Null: it is a bridge on each node, as its driver is not
 * `overlay`, or as some node is too old to take part.
 */
export function overlayFor(
  view: StoreView,
  spec: NetworkSpec,
  planted: Planted,
): Overlay | Rejection | null {
  if (spec.driver !== "overlay" || !speaks(view.cluster, "overlays")) {
    const clash = clashOfBridge(view, spec);
    return clash === null ? null : rejection("FailedPrecondition", clash);
  }
  const problem = problemOf(spec);
  if (problem !== null) return invalidArgument(problem);
  const taken = takenIn(view);
  const vni = vniFor(spec, taken);
  if (typeof vni === "string") return rejection("FailedPrecondition", vni);
  const known = planted === "N10" ? { ...taken, blocks: [] } : taken;
  const subnet = subnetFor(view, spec, known);
  if (typeof subnet === "string") return rejection("FailedPrecondition", subnet);
  const gateway = parseIpv4(spec.subnets[0]?.gateway ?? "") ?? subnet.first + 1;
  const { dataPathPort: port } = view.cluster?.overlays ?? defaultOverlaySettings;
  return { vni, subnet: blockText(subnet), gateway: ipv4Text(gateway), port };
}

/** What can't be honoured is refused by name. */
function problemOf({ enableIpv6, options, subnets }: NetworkSpec): string | null {
  const ipv4Only = "an overlay network has addresses of IPv4 only";
  if (enableIpv6) return `${ipv4Only}: leave out IPv6`;
  if (options.has("encrypted")) {
    return 'packets of an overlay network are not encrypted: leave out the option "encrypted"';
  }
  if (subnets.length > 1) return "an overlay network has one subnet: leave out the others";
  const [asked] = subnets;
  if (asked === undefined) return null;
  const block = parseBlock(asked.subnet);
  return block === null ? `${ipv4Only}, not ${asked.subnet}` : problemOfSubnet(asked, block);
}

function problemOfSubnet({ subnet, range, gateway }: IpamConfig, block: Block): string | null {
  if (block.prefix > prefixMost) {
    return `subnet ${subnet} has no address for a task: its prefix length is at most ${prefixMost}`;
  }
  const part = range === "" ? block : parseBlock(range);
  if (part === null || part.prefix < block.prefix) {
    return `ip-range ${range} is not in the subnet ${subnet}`;
  }
  const address = gateway === "" ? null : parseIpv4(gateway);
  const isOfNone = address === block.first || address === lastOf(block);
  return isOfNone ? `gateway ${gateway} is the first or the last address of ${subnet}` : null;
}

/** A network that was removed still has its numbers where tasks have yet to stop. */
function takenIn({ networks, tasks }: StoreView): Taken {
  const taken: Taken = { vnis: new Set(), blocks: [], leaving: new Set() };
  for (const { spec, overlay } of networks.values()) {
    if (overlay !== null) take(taken, overlay);
    else taken.blocks.push(...found(spec.subnets, ({ subnet }) => parseBlock(subnet)));
  }
  for (const task of tasks.values()) {
    if (!holdsAddresses(task)) continue;
    for (const { overlay } of overlayPlaces(task)) {
      const block = take(taken, overlay);
      if (block !== null) taken.leaving.add(block);
    }
  }
  return taken;
}

/** The block of its subnet; null: it was taken before, or is not a block. */
function take({ vnis: numbers, blocks }: Taken, { vni, subnet }: Overlay): Block | null {
  if (numbers.has(vni)) return null;
  numbers.add(vni);
  const block = parseBlock(subnet);
  if (block !== null) blocks.push(block);
  return block;
}

/** The one that the user asks for, or the lowest that is free; or why not. */
function vniFor({ options }: NetworkSpec, taken: Taken): number | string {
  const asked = options.get(vniOption);
  if (asked !== undefined) return askedVni(asked, taken);
  for (let vni: number = vnis.first; vni <= vnis.last; vni += 1) {
    if (!taken.vnis.has(vni)) return vni;
  }
  return "no VXLAN id is free: remove a network";
}

function askedVni(asked: string, taken: Taken): number | string {
  const vni = Number(asked);
  if (!/^\d+$/.test(asked) || vni < vnis.first || vni > vnis.last) {
    return `invalid VXLAN id ${asked}: give one between ${vnis.first} and ${vnis.last}`;
  }
  return taken.vnis.has(vni) ? `VXLAN id ${asked} is in use by another network` : vni;
}

/** Both would be on one node as soon as it has a task in each, whose engine refuses the second. */
function clashOfBridge(view: StoreView, { subnets }: NetworkSpec): string | null {
  if (subnets.length === 0) return null;
  const taken = takenIn(view);
  const asked = found(subnets, ({ subnet }) => parseBlock(subnet));
  return found(asked, (block) => clashOf(block, taken))[0] ?? null;
}

/** In Docker's words; null: nobody has any of it. */
function clashOf(asked: Block, { blocks, leaving }: Taken): string | null {
  const clash = blocks.find((block) => overlaps(block, asked));
  if (clash === undefined) return null;
  const what = "invalid pool request: Pool overlaps with other one on this address space";
  const whose = leaving.has(clash)
    ? "a network that was removed: try again when its tasks have stopped"
    : "another network";
  return `${what}: ${blockText(asked)} overlaps with ${blockText(clash)} of ${whose}`;
}

/** The one that the user asks for, or the lowest that is free; or why not, in Docker's words. */
function subnetFor(view: StoreView, { subnets }: NetworkSpec, taken: Taken): Block | string {
  const { blocks } = taken;
  const asked = parseBlock(subnets[0]?.subnet ?? "");
  if (asked !== null) return clashOf(asked, taken) ?? asked;
  return (
    chosenSubnet(view, [...blocks, ...aroundNodes(view)]) ??
    chosenSubnet(view, blocks) ??
    "could not find an available, non-overlapping IPv4 address pool among the defaults to assign " +
      "to the network: remove a network, or give a subnet"
  );
}

/** The lowest of the cluster's pools that is free. */
function chosenSubnet({ cluster }: StoreView, taken: readonly Block[]): Block | null {
  const { defaultAddressPool, subnetSize } = cluster?.overlays ?? defaultOverlaySettings;
  const pools = found(defaultAddressPool, parseBlock);
  const ofIngress = pools.slice(0, 1).map(({ first }) => ({ first, prefix: subnetSize }));
  for (const pool of pools) {
    const free = freeBlock(pool, subnetSize, [...ofIngress, ...taken]);
    if (free !== null) return free;
  }
  return null;
}

/**
 * What is likely to be the nodes' own networks: a node can't reach both those and an overlay of the
 * same addresses. Nobody has told their size: a /16 is as large as a site's usually gets.
 */
function aroundNodes({ nodes }: StoreView): Block[] {
  const blocks = new Set<string>();
  for (const { description } of nodes.values()) blocks.add(`${description.address}/16`);
  return found(blocks, parseBlock);
}
