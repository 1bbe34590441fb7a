import type { Packet } from "../ports/network.ts";
import type { Host } from "./host.ts";

/** Hands a packet to the machine that it is for. False when no node runs there. */
export function delivered(
  hosts: readonly Host[],
  { from, to, certificate, message }: Packet,
): boolean {
  const sender = hosts[from]?.name as string;
  const input = { kind: "message", from: sender, certificate, message } as const;
  return hosts[to]?.receive(input) ?? false;
}
