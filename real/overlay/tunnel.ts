import { isIPv6 } from "node:net";
import type { OverlayState } from "../../core/model/overlay.ts";
import { addressesHere } from "../interfaces.ts";
import type { IpRoute } from "./iproute.ts";

/** Letters of a network's id in the names of its devices, which have 15 at most in Linux. */
const idLetters = 12;

/** What our devices are known by. */
const mark = "simswarm";

/** The bridge of a network on each engine. */
export function bridgeOf(network: string): string {
  return `sw${network.slice(0, idLetters)}`;
}

/** The VXLAN device beside it, where there is one. */
function deviceOf(network: string): string {
  return `vx${network.slice(0, idLetters)}`;
}

/** What a container's interface has, which all nodes know with its address; as Docker made them. */
export function macOf(address: string): string {
  const bytes = address.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"));
  return `02:42:${bytes.join(":")}`;
}

/** What fits into a packet of a network whose own packets have 1,500 bytes. */
export function mtuBetween(own: string): number {
  return isIPv6(own) ? 1_430 : 1_450;
}

/** Where the tasks of an overlay are that are not on this node: the node, by their address. */
type Remote = ReadonlyMap<string, string>;

/**
 * One overlay's way to the other nodes: a VXLAN device at its bridge. Nothing is ever flooded or
 * learned: the device knows each task elsewhere by its address, answers ARP for it and sends to its
 * node, and drops all else. So the gateway, the same on every node, never meets itself.
 */
export class Tunnel {
  readonly #ip: IpRoute;
  readonly #device: string;
  readonly #bridge: string;
  /** What the device has; null: there is none. Undefined: it has to be looked up. */
  #has: Map<string, string> | null | undefined;

  constructor(network: string, ip: IpRoute) {
    this.#ip = ip;
    this.#device = deviceOf(network);
    this.#bridge = bridgeOf(network);
  }

  /** Leads to these and no others. Rejects with what is in the way; may be called again then. */
  async lead(overlay: OverlayState, to: Remote): Promise<void> {
    try {
      if (this.#has === undefined) this.#has = await this.#look(overlay, to.size > 0);
      if (this.#has === null && to.size === 0) return;
      this.#has ??= await this.#make(overlay);
      await this.#change(this.#has, to);
    } catch (error) {
      this.#has = undefined;
      throw error;
    }
  }

  /** The bridge is gone. Never rejects: what is left does nothing. */
  async remove(): Promise<void> {
    const isThere = this.#has !== null;
    this.#has = null;
    if (isThere) await this.#ip.run("ip", [`link delete ${this.#device}`]).catch(() => undefined);
  }

  /** As `#found`; what can't be found out does no harm while the device is not needed. */
  async #look(overlay: OverlayState, isNeeded: boolean): Promise<Map<string, string> | null> {
    return this.#found(overlay).catch((error: unknown) => {
      if (isNeeded) throw error;
      return null;
    });
  }

  /** Null: there is no device. One that won't do is removed. */
  async #found(overlay: OverlayState): Promise<Map<string, string> | null> {
    const links = (await this.#ip.list("ip", "-details", "link", "show")) as readonly Link[];
    if (!links.some(({ ifname }) => ifname === this.#bridge)) {
      throw new Error(`there is no bridge ${this.#bridge} here: is the engine on another machine?`);
    }
    await this.#ip.run(
      "ip",
      links.filter(isLeft).map(({ ifname }) => `link delete ${ifname}`),
    );
    const device = links.find((link) => link.ifname === this.#device && !isLeft(link));
    if (device === undefined) return null;
    const has = this.#isRight(device, overlay) ? await this.#entries() : null;
    if (has === null) await this.#ip.run("ip", [`link delete ${this.#device}`]);
    return has;
  }

  /** Up is the last that a device is made. */
  #isRight({ master, flags, linkinfo }: Link, { vni, port, own }: OverlayState): boolean {
    const data = linkinfo?.info_data;
    if (master !== this.#bridge || !flags.includes("UP")) return false;
    const local = data?.local ?? data?.local6 ?? null;
    return data?.id === vni && data.port === port && local === (isHere(own) ? own : null);
  }

  /** Null: they were only half made. */
  async #entries(): Promise<Map<string, string> | null> {
    const device = ["show", "dev", this.#device];
    const entries = (await this.#ip.list("bridge", "fdb", ...device)) as readonly Entry[];
    const neighbours = (await this.#ip.list("ip", "neighbour", ...device)) as readonly Neighbour[];
    const nodes = new Map(
      entries.flatMap(({ mac, dst }) => (dst === undefined ? [] : [[mac, dst]])),
    );
    const has = new Map(neighbours.map(({ dst, lladdr }) => [dst, nodes.get(lladdr) ?? ""]));
    return has.size === nodes.size && ![...has.values()].includes("") ? has : null;
  }

  async #make({ vni, port, own }: OverlayState): Promise<Map<string, string>> {
    const local = isHere(own) ? `local ${own}` : "";
    const kind = `vxlan id ${vni} dstport ${port} ${local} nolearning proxy`;
    await this.#ip.run("ip", [
      `link add ${this.#device} mtu ${mtuBetween(own)} master ${this.#bridge} type ${kind}`,
      `link set ${this.#device} type bridge_slave learning off flood off mcast_flood off`,
      `link set ${this.#device} alias ${mark} up`,
    ]);
    return new Map();
  }

  async #change(has: Map<string, string>, to: Remote): Promise<void> {
    const device = `dev ${this.#device}`;
    const gone = [...has.keys()].filter((address) => !to.has(address));
    const added = [...to].filter(([address, node]) => has.get(address) !== node);
    const entries = added.map(
      ([address, node]) => `fdb replace ${macOf(address)} ${device} dst ${node} self master static`,
    );
    const neighbours = added.map(
      ([address]) =>
        `neighbour replace ${address} lladdr ${macOf(address)} ${device} nud permanent`,
    );
    await this.#ip.run("ip", [
      ...gone.map((address) => `neighbour delete ${address} ${device}`),
      ...neighbours,
    ]);
    await this.#ip.run("bridge", [
      ...gone.map((address) => `fdb delete ${macOf(address)} ${device} self master`),
      ...entries,
    ]);
    for (const address of gone) has.delete(address);
    for (const [address, node] of added) has.set(address, node);
  }
}

/** A device of ours whose bridge went while nobody looked: its number may be needed. */
function isLeft({ ifalias, master }: Link): boolean {
  return ifalias === mark && master === undefined;
}

/** Only of those it has can a machine send from; behind NAT the one that others see is another. */
function isHere(address: string): boolean {
  return addressesHere().some((each) => each.address === address);
}

interface Link {
  readonly ifname: string;
  readonly ifalias?: string;
  readonly master?: string;
  readonly flags: readonly string[];
  readonly linkinfo?: { readonly info_data?: DeviceData };
}

/** Of a VXLAN device. */
interface DeviceData {
  readonly id?: number;
  readonly port?: number;
  readonly local?: string;
  readonly local6?: string;
}

interface Entry {
  readonly mac: string;
  readonly dst?: string;
}

interface Neighbour {
  readonly dst: string;
  readonly lladdr: string;
}
