import { readFileSync } from "node:fs";
import { isIP } from "node:net";

/** Where the machine's own resolvers are listed, and where systemd's stub has those behind it. */
const usualFile = "/etc/resolv.conf";
const behindStub = "/run/systemd/resolve/resolv.conf";
const stub = "127.0.0.53";

/** Addresses of the machine's resolvers; of systemd's stub those that it asks, as Docker does. */
export function hostResolvers(files = { usual: usualFile, behindStub }): string[] {
  const listed = listedIn(files.usual);
  return listed.length === 1 && listed[0] === stub ? listedIn(files.behindStub, listed) : listed;
}

/** True of one that only programs of the machine itself reach, and no container. */
export function isOnlyHere(resolver: string): boolean {
  return resolver.startsWith("127.") || resolver === "::1";
}

function listedIn(file: string, otherwise: string[] = []): string[] {
  try {
    const found = [...readFileSync(file, "utf8").matchAll(/^\s*nameserver\s+(\S+)/gm)];
    return found.map(([, address = ""]) => address).filter((address) => isIP(address) !== 0);
  } catch {
    return otherwise;
  }
}
