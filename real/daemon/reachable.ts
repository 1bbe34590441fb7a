import { lookup } from "node:dns/promises";
import { hostname, networkInterfaces } from "node:os";
import { hostPortOf } from "../listening.ts";

/** Where others reach what listens at `address`, host and port: of everywhere, the first place. */
export function reachable(address: string): string {
  const [, host, port] = /^(.*):(\d+)$/.exec(address) ?? [];
  if (host !== "0.0.0.0" && host !== "[::]") return address;
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const found = own.find(({ internal, family }) => !internal && family === "IPv4");
  return `${found?.address ?? hostname()}:${port}`;
}

/** The IP address of what others reach at `address`, host and port; empty: nobody knows it. */
export async function ipAddressOf(address: string): Promise<string> {
  try {
    return (await lookup(hostPortOf(reachable(address)).host)).address;
  } catch {
    return "";
  }
}
