import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { hostPort, hostPortOf } from "../host-port.ts";
import { addressesHere } from "../interfaces.ts";

/**
 * Where others reach what listens at `address`, host and port: of everywhere, the first place, of
 * IPv4 if there is one.
 */
export function reachable(address: string): string {
  const [, host, port = ""] = /^(.*):(\d+)$/.exec(address) ?? [];
  if (host !== "0.0.0.0" && host !== "[::]") return address;
  const others = addressesHere().filter(
    (each) => !each.internal && !each.address.startsWith("fe80:"),
  );
  const found =
    others.find(({ family }) => family === "IPv4") ?? (host === "[::]" ? others[0] : undefined);
  return hostPort(found?.address ?? hostname(), port);
}

/** The IP address of what others reach at `address`, host and port; empty: nobody knows it. */
export async function ipAddressOf(address: string): Promise<string> {
  try {
    return (await lookup(hostPortOf(reachable(address)).host)).address;
  } catch {
    return "";
  }
}

/** False where `address`, host and port, is an IP address that this machine does not have. */
export function isHere(address: string): boolean {
  const { host } = hostPortOf(address);
  if (isIP(host) === 0 || /^(0\.0\.0\.0|::|127\..*)$/.test(host)) return true;
  return addressesHere().some((each) => each.address === host.toLowerCase());
}

/** What becomes of a node that advertises an address that is not here. */
export const elsewhere =
  "others are told an address that this machine does not have: unless it leads here from " +
  "outside, none of them reaches this node. Start it once with --advertise-remote-api and its own";
