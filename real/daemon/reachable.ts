import { lookup } from "node:dns/promises";
import { hostname, networkInterfaces } from "node:os";

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
  const host = reachable(address)
    .replace(/:\d+$/, "")
    .replace(/^\[|\]$/g, "");
  try {
    return (await lookup(host)).address;
  } catch {
    return "";
  }
}
