import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";

/** The addresses that this machine has now, of all its interfaces, its loopback's too. */
export function addressesHere(): NetworkInterfaceInfo[] {
  return Object.values(networkInterfaces()).flatMap((each) => each ?? []);
}
