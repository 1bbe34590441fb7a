import { overlaps, parseBlock } from "./ipv4.ts";
import type { OverlaySettings } from "./overlay.ts";

/** A subnet has room for a task: 8 addresses at least. */
const subnetSizeMost = 29;
const portLeast = 1024;
const portMost = 49_151;

/** Why a cluster can't be made with these settings, in Docker's words where it has any; or null. */
export function overlaySettingsProblem(settings: OverlaySettings): string | null {
  const { defaultAddressPool: pools, subnetSize, dataPathPort } = settings;
  if (!isBetween(dataPathPort, portLeast, portMost)) {
    const range = `${portLeast}-${portMost}`;
    return `VXLAN UDP port number is not in valid range (${range}): ${dataPathPort}`;
  }
  if (!isBetween(subnetSize, 1, subnetSizeMost)) {
    return `subnet size is out of range: ${subnetSize}`;
  }
  if (pools.length === 0) return "there must be a default address pool";
  const blocks = pools.map(parseBlock);
  for (const [at, block] of blocks.entries()) {
    const pool = pools[at];
    if (block === null) return `invalid base pool ${pool}: invalid CIDR address of IPv4`;
    if (subnetSize < block.prefix) {
      return `invalid CIDR: "${pool}". Subnet size is too small for pool: ${subnetSize}`;
    }
    const other = blocks.findIndex((each, before) => before < at && isClash(each, block));
    if (other >= 0) return `invalid CIDR: "${pool}" overlaps with "${pools[other]}"`;
  }
  return null;
}

function isClash(left: ReturnType<typeof parseBlock>, right: NonNullable<typeof left>): boolean {
  return left !== null && overlaps(left, right);
}

function isBetween(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
