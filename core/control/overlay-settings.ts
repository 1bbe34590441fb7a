import { overlaps, parseBlock } from "../model/ipv4.ts";
import type { OverlaySettings } from "../model/overlay.ts";

const ports = { lowest: 1_024, highest: 49_151 } as const;
/** A smaller subnet has no room for tasks. */
const longestPrefix = 29;

/** Why a cluster can't be founded with these, in the words of `docker swarm init`, or null. */
export function overlaySettingsProblem(settings: OverlaySettings): string | null {
  const { defaultAddressPool: pools, subnetSize, dataPathPort: port } = settings;
  if (port < ports.lowest || port > ports.highest) {
    const range = `(${ports.lowest}-${ports.highest})`;
    return `Datapath port number is not in valid range ${range} : ${port}`;
  }
  for (const [at, pool] of pools.entries()) {
    const block = parseBlock(pool);
    if (block === null) {
      return `DefaultAddrPool: ${pool} is no subnet of IPv4, such as 10.20.0.0/16`;
    }
    if (subnetSize < block.prefix || subnetSize > longestPrefix) {
      return `SubnetSize: subnets of /${subnetSize} are not to be had of ${pool}`;
    }
    const other = pools.slice(0, at).find((each) => overlaps(block, parseBlock(each) ?? block));
    if (other !== undefined) {
      return `DefaultAddrPool: ${pool} and ${other} have addresses in common`;
    }
  }
  return null;
}
