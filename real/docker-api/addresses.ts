import { BlockList, isIP } from "node:net";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import { hostPortOf } from "../host-port.ts";
import { ApiError } from "./routes.ts";

/**
 * The addresses that `docker swarm init` and `join` are given: rules and texts are Docker's (moby
 * `daemon/cluster/listen_addr.go`).
 */

/** By name, as `os.networkInterfaces` has them. */
export type Interfaces = NodeJS.Dict<readonly NetworkInterfaceInfo[]>;

/** Where a node listens, and where others reach it; empty: as it listens. Each host and port. */
export interface NodeAddresses {
  readonly listen: string;
  readonly advertise: string;
}

const defaultPort = "2377";
const badListen =
  "listen address must be an IP address or network interface (with optional port number)";
const badAdvertise =
  "advertise address must be a non-zero IP address or network interface (with optional port " +
  "number)";
const mustListenSomewhere =
  "must specify a listening address because the address to advertise is not recognized as a " +
  "system address, and a system's IP address to use could not be uniquely identified";
/** Bridges of engines and their pairs: nobody else reaches them. */
const engines = /^(docker|br-|veth|cni|podman|sw[0-9a-z]{8,}|vx)/;

/** Of a node that founds: others must know where it is. Throws an `ApiError`. */
export function foundingAddresses(
  listenAddr: string,
  advertiseAddr: string,
  interfaces: Interfaces = networkInterfaces(),
): NodeAddresses {
  const listen = listened(listenAddr, interfaces);
  if (advertiseAddr !== "") {
    const found = advertised(listen, advertiseAddr, interfaces);
    if (isEverywhere(listen.host)) checkLocal(found.advertise, interfaces);
    return found;
  }
  const host = isEverywhere(listen.host) ? onlyAddress(interfaces) : listen.host;
  return { listen: joined(listen), advertise: joined({ ...listen, host }) };
}

/** Of a node that joins: the manager sees where it comes from. Throws an `ApiError`. */
export function joiningAddresses(
  listenAddr: string,
  advertiseAddr: string,
  interfaces: Interfaces = networkInterfaces(),
): NodeAddresses {
  const listen = listened(listenAddr, interfaces);
  if (advertiseAddr !== "") return advertised(listen, advertiseAddr, interfaces);
  return { listen: joined(listen), advertise: "" };
}

/** Host and port of the manager to join. Throws an `ApiError`. */
export function remoteAddress(text: string): string {
  const place = text === "" ? null : placeIn(text);
  if (place !== null && place.host !== "") return joined(place);
  const why = text === "" ? "invalid empty address" : "it must be host:port";
  throw new ApiError(400, `invalid remoteAddr ${JSON.stringify(text)}: ${why}`);
}

interface Place {
  readonly host: string;
  readonly port: string;
}

/** `10.0.0.1`, `10.0.0.1:2377`, `[::1]:2377`, `::1`, `eth0:2377`; null: none of them. */
function placeIn(text: string): Place | null {
  if (isIP(text) === 6) return { host: text, port: defaultPort };
  const [, bracketed, plain = "", port = defaultPort] =
    /^(?:\[([0-9a-f:]+)\]|([^:[\]\s]*))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  if (bracketed === undefined && plain === "" && !text.startsWith(":")) return null;
  const isPort = Number(port) >= 1 && Number(port) <= 65_535;
  return isPort ? { host: bracketed ?? plain, port } : null;
}

function joined({ host, port }: Place): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

function listened(text: string, interfaces: Interfaces): Place {
  if (text === "") throw new ApiError(400, 'invalid ListenAddr "": invalid empty address');
  const place = placeIn(text);
  if (place === null) throw new ApiError(400, `could not parse listen address ${text}`);
  return { ...place, host: addressOf(place.host || "0.0.0.0", interfaces, badListen) };
}

function advertised(listen: Place, text: string, interfaces: Interfaces): NodeAddresses {
  const place = placeIn(text);
  if (place === null) throw new ApiError(400, badAdvertise);
  const host = addressOf(place.host, interfaces, badAdvertise);
  if (isEverywhere(host)) throw new ApiError(400, badAdvertise);
  const port = /:\d+$/.test(text) && isIP(text) === 0 ? place.port : listen.port;
  return { listen: joined(listen), advertise: joined({ host, port }) };
}

/**
 * An address that others are led here from is as good as one of the machine's own, if it is plain
 * which one of those that is. Throws an `ApiError`.
 */
function checkLocal(advertise: string, interfaces: Interfaces): void {
  const own = new BlockList();
  for (const { address, family } of Object.values(interfaces).flatMap((each) => each ?? [])) {
    own.addAddress(address, family === "IPv6" ? "ipv6" : "ipv4");
  }
  const { host } = hostPortOf(advertise);
  if (own.check(host, isIP(host) === 6 ? "ipv6" : "ipv4")) return;
  try {
    onlyAddress(interfaces);
  } catch {
    throw new ApiError(400, mustListenSomewhere);
  }
}

function isEverywhere(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** The address of an interface, or the address that the text is. */
function addressOf(host: string, interfaces: Interfaces, otherwise: string): string {
  const found = interfaces[host];
  if (found === undefined) {
    if (isIP(host) !== 0) return host;
    throw new ApiError(400, otherwise);
  }
  const [first, second] = usable(found);
  if (first === undefined) {
    throw new ApiError(400, `interface ${host} has no usable IPv4 or IPv6 address`);
  }
  if (second === undefined || first.family !== second.family) return first.address;
  const both = `(${first.address} and ${second.address})`;
  throw new ApiError(400, `interface ${host} has more than one ${first.family} address ${both}`);
}

/** Those of IPv4 first; none that is of its link alone. */
function usable(addresses: readonly NetworkInterfaceInfo[]): NetworkInterfaceInfo[] {
  const four = addresses.filter(({ family }) => family === "IPv4");
  const six = addresses.filter(
    ({ family, address }) => family === "IPv6" && !/^fe80/i.test(address),
  );
  return [...four, ...six];
}

/** The machine's only one. Docker's client adds how to choose among several. */
function onlyAddress(interfaces: Interfaces): string {
  const own = Object.entries(interfaces).flatMap(([name, addresses = []]) => {
    const outer = engines.test(name) ? [] : addresses.filter(({ internal }) => !internal);
    return usable(outer).map(({ address, family }) => ({ name, address, family }));
  });
  const four = own.filter(({ family }) => family === "IPv4");
  const [first, second] = four.length > 0 ? four : own;
  if (first === undefined) throw new ApiError(400, "could not find the system's IP address");
  if (second === undefined) return first.address;
  const several = "could not choose an IP address to advertise since this system has multiple";
  const where =
    first.name === second.name
      ? `addresses on interface ${first.name} (${first.address} and ${second.address})`
      : "addresses on different interfaces " +
        `(${first.address} on ${first.name} and ${second.address} on ${second.name})`;
  throw new ApiError(400, `${several} ${where}`);
}
