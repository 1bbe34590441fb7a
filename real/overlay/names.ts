import { firstFound } from "../../core/base/gather.ts";
import type { OverlayPeer, OverlayState } from "../../core/model/overlay.ts";

/** What the names in one overlay lead to. */
interface Zone {
  /** `front`, which may follow any name in it. */
  readonly network: string;
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  /** The name of the container that has the address. */
  readonly containers: ReadonlyMap<string, string>;
  /** The task that has the address. */
  readonly tasks: ReadonlyMap<string, string>;
  readonly addressOf: ReadonlyMap<string, string>;
}

/** Finds names for one who asks. Names are without a dot at the end, in any case of letters. */
export interface Lookup {
  /** The id of the one that was asked in. */
  readonly network: string;
  /** Empty: the name is known, and nothing answers for it now. Null: it is not known. */
  addresses(name: string): readonly string[] | null;
  /** Null: it is nobody's. */
  nameOf(address: string): string | null;
}

/**
 * The names of all overlays that this node has tasks in: those of services and their aliases, the
 * same after `tasks.`, and those of containers. A name leads to tasks that serve.
 */
export class Names {
  /** By network. */
  readonly #zones = new Map<string, Zone>();

  carry({ id, name, peers }: OverlayState): void {
    if (peers === null) this.#zones.delete(id);
    else this.#zones.set(id, zoneOf(name, peers));
  }

  /** What the task finds that has the address in the network: in all networks that it is in. */
  for(network: string, asker: string): Lookup {
    const zones = this.#zonesOf(network, asker);
    return {
      network,
      addresses: (name) => firstFound(zones, (zone) => addressesIn(zone, name.toLowerCase())),
      nameOf: (address) => firstFound(zones, (zone) => fullNameIn(zone, address)),
    };
  }

  #zonesOf(network: string, asker: string): readonly Zone[] {
    const asked = this.#zones.get(network);
    if (asked === undefined) return [];
    const task = asked.tasks.get(asker);
    if (task === undefined) return [asked];
    const isIn = (zone: Zone) => zone !== asked && zone.addressOf.has(task);
    return [asked, ...[...this.#zones.values()].filter(isIn)];
  }
}

function addressesIn({ network, addresses }: Zone, name: string): readonly string[] | null {
  const ending = `.${network.toLowerCase()}`;
  const short = name.endsWith(ending) ? name.slice(0, -ending.length) : name;
  return addresses.get(name) ?? addresses.get(short) ?? null;
}

/** As Docker says it. */
function fullNameIn({ network, containers }: Zone, address: string): string | null {
  const container = containers.get(address);
  return container === undefined ? null : `${container}.${network}`;
}

function zoneOf(network: string, peers: readonly OverlayPeer[]): Zone {
  const addresses = new Map<string, string[]>();
  const add = (name: string, found: readonly string[]) => {
    const key = name.toLowerCase();
    addresses.set(key, [...(addresses.get(key) ?? []), ...found]);
  };
  for (const peer of peers) {
    const found = peer.serves ? [peer.address] : [];
    for (const name of peer.names) {
      add(name, found);
      add(`tasks.${name}`, found);
    }
    add(containerOf(peer), [peer.address]);
  }
  return {
    network,
    addresses,
    containers: new Map(peers.map((peer) => [peer.address, containerOf(peer)])),
    tasks: new Map(peers.map(({ address, task }) => [address, task])),
    addressOf: new Map(peers.map(({ address, task }) => [task, address])),
  };
}

function containerOf({ name, task }: OverlayPeer): string {
  return `${name}.${task}`;
}
