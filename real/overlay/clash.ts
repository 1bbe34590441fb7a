import { networkInterfaces } from "node:os";
import { overlaps, parseBlock } from "../../core/model/ipv4.ts";

/**
 * A network that this machine is in itself and that has addresses of the subnet, in words; null:
 * there is none. With a bridge for the subnet the machine would not reach it any more.
 */
export function clashWith(subnet: string, bridge: string): string | null {
  const wanted = parseBlock(subnet);
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    for (const { cidr } of name === bridge ? [] : addresses) {
      const own = cidr === null ? null : parseBlock(cidr);
      if (wanted !== null && own !== null && overlaps(wanted, own)) return `${cidr} of ${name}`;
    }
  }
  return null;
}
